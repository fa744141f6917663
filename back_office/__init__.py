"""THE SUPPORT DESK: the admin's pages."""
