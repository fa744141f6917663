"""What the system does in a second, beside a bare reference measured in the same run."""
