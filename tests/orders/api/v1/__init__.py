"""Tests of orders/api/v1."""
