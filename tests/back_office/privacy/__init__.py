"""Tests of back_office/privacy."""
