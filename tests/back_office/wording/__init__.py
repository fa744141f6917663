"""Tests of back_office/wording."""
