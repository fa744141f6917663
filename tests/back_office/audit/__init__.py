"""Tests of back_office/audit."""
