"""What several pages and property documents do with resources: create, rename, restore, run unsaved."""
