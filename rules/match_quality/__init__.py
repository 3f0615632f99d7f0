"""Event match quality: reading it from vendors, its history, and the estimate before sending."""
