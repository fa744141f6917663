"""Tests of config/jobs."""
