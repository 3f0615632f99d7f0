"""The audit log: who changed which values, and when."""
