"""The pages on which staff do something: each shows what it will do, asks why, and then does it."""
