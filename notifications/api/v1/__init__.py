"""The first version of the contract, for what became of orders."""
