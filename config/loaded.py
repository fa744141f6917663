"""What a process keeps in memory for as long as it lives, and how it looks for garbage."""

import gc

SELDOM = (10_000, 20, 50)
"""Objects made before the youngest are looked at, and how many looks come before one at the older
ones. Python's own 700 suit small programs: a request makes thousands, and keeps none of them."""


def spare_what_is_loaded(**_signal: object) -> None:
    """Collections, of which a large order causes several, need not look at the code and tables
    that are loaded by now: they stay for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
