"""What stands between the network and the application: its limits, and the bridge to the pages."""
