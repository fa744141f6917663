"""Tests of notifications/expansion."""
