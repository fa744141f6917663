"""Tests of back_office/pages/staff."""
