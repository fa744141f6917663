"""Tests of notifications/results."""
