"""Tests of dispatch/sending."""
