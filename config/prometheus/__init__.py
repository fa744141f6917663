"""The numbers that Prometheus reads."""
