"""Tests of back_office/story."""
