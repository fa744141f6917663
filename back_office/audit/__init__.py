"""The audit log, the roles of staff, and what is opened to them only when it is written down."""
