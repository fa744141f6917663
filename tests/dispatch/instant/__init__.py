"""Tests of dispatch/instant/."""
