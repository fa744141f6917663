"""Tests of orders/api/parsing."""
