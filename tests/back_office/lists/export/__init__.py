"""Tests of back_office/lists/export."""
