"""THE GROUND FLOOR: what every folder may need, and nothing of the domain."""
