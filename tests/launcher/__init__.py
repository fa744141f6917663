"""Tests of what starts and stops everything."""
