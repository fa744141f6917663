"""Tests of back_office/actions."""
