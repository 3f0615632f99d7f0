"""Operations on resources that pages and property documents share: create, rename, restore, run unsaved."""
