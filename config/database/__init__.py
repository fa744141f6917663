"""Django's PostgreSQL, with a pool that looks at its connections instead of asking them."""
