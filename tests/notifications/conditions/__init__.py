"""Tests of notifications/conditions."""
