"""Pages of properties and of the resources that they own."""
