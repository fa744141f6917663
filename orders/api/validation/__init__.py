"""The rules that a converted request must keep."""
