"""What happened to an event, in words: traces and rows become plain values that pages show."""
