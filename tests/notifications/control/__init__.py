"""Tests of notifications/control."""
