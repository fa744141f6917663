"""Chooses which gateway takes which of the messages that are claimed next."""

import random
from collections.abc import Mapping, Sequence

from dispatch.gateways.by_channel import WaysOut
from dispatch.sending.gateway_states import Standing

# Of the best share of the others.
FALLEN = 0.5
LEFT_TO_IT = 0.1


def in_turn(
    ways: WaysOut, standing: Standing, free: Mapping[str, int], *, limit: int
) -> Sequence[str]:
    """A gateway for each of at most `limit` messages: by weight, and no more for any than it has
    places `free`. Those in trouble get none. Those without a weight stand by: they get some where
    no other one is open."""
    weights = {name: weight for name, weight in open_weights(ways, standing).items() if free[name]}
    left = {name: free[name] for name in weights}
    chosen: list[str] = []
    while left and len(chosen) < limit:
        [name] = random.choices(list(left), [weights[one] for one in left])
        chosen.append(name)
        left[name] -= 1
        if not left[name]:
            del left[name]
    return chosen


def open_weights(ways: WaysOut, standing: Standing) -> dict[str, float]:
    """Of the gateways that may take messages now. One that delivers much less of what it takes
    than another keeps a tenth: enough to see that it delivers again."""
    weights = {
        way.gateway: way.weight if (own := standing.of(way.gateway).weight) is None else own
        for way in ways
        if standing.is_open(way.gateway)
    }
    taking = {name: float(weight) for name, weight in weights.items() if weight}
    shares = {name: standing.of(name).delivered_share for name in taking}
    best = max((share for share in shares.values() if share is not None), default=0.0)
    for name, share in shares.items():
        if share is not None and share < FALLEN * best:
            taking[name] *= LEFT_TO_IT
    return taking or dict.fromkeys(weights, 1.0)
