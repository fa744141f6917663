"""Tests of notifications/reading."""
