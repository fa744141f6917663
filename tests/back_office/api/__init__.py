"""The API of the support dashboard."""
