"""What PostgreSQL is asked and told alike from everywhere: locks, conditions, and its troubles."""
