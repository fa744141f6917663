"""script/test: every check, then the tests."""
