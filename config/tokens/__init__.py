"""Who calls: the tokens that callers show, and the published keys that prove them."""
