"""Tests of config/middleware."""
