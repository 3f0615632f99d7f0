"""Libraries, builds and which build an environment runs."""
