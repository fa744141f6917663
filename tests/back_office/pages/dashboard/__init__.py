"""Tests of back_office/pages/dashboard."""
