"""Tests of the recipients app."""
