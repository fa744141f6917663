"""Staff: accounts, roles, log-ins and the audit log."""
