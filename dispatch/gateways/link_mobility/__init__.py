"""SMS through Link Mobility's XML gateway."""
