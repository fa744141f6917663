"""Tests of orders/placing."""
