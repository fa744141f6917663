"""Service owners and their settings."""
