"""Tests of dispatch/gateways/link_mobility."""
