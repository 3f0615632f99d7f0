"""The pages of event match quality: figures, history, and what would raise the score."""
