"""The second version of the contract, for what is sent at once."""
