"""The desk's pages that belong to no table."""
