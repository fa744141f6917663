"""The metrics below `/notifications/api/v1/metrics`: a page for people, and files of each day."""
