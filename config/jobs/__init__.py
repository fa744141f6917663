"""How background jobs are scheduled, handed out and timed."""
