"""Tests of config/prometheus."""
