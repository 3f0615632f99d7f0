"""The contract between the platform and extension packages."""
