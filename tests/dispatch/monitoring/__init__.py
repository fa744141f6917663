"""Tests of dispatch/monitoring."""
