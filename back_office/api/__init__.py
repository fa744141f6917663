"""The support dashboard's API: what was sent to somebody, of all service owners, and logged."""
