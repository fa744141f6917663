"""Tests of dispatch/gateways/email."""
