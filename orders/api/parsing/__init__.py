"""JSON values become values of the contract's types."""
