"""The desk's pages, a folder for each entry of its menu."""
