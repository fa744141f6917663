"""Tests of dispatch/reports."""
