"""Tests of dispatch/gateways."""
