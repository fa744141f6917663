"""The audit log, and the roles of staff."""
