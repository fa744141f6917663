"""Tests of notifications/resend."""
