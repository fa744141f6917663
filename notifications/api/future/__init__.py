"""What came after the contract's first version: shipments, and the feed of those that ended."""
