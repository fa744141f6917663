"""ADDRESSES: who someone is, and how to reach them."""
