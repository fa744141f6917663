"""The second version of the contract, for orders: everything under `/future`."""
