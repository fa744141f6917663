"""Orders, and notifications that wait: held, released, stopped, cancelled or sent now."""
