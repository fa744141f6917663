"""The test suite, and the outside world that it runs against."""
