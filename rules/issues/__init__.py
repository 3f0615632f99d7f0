"""Issues: what keeps events from arriving, grouped by cause; muted, fixed and retried by people."""
