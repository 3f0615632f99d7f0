"""Connecting a property at a vendor: the sign-in from button to stored token, and the status afterwards."""
