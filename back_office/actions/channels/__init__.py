"""Channels that are paused and resumed, what expired meanwhile, and the weights of gateways."""
