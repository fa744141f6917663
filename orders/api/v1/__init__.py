"""The first version of the contract, for orders."""
