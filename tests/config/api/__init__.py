"""Tests of config/api."""
