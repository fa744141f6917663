"""Long lists: pages, filters, cells and exports."""
