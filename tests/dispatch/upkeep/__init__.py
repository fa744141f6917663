"""Tests of dispatch/upkeep."""
