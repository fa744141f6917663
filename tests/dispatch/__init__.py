"""Tests of dispatch: sending, recording, reports, and what becomes of the unsent."""
