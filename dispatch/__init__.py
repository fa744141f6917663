"""SENDING: from a ready notification to its delivery report."""
