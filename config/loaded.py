"""What a process keeps in memory for as long as it lives."""

import gc


def spare_what_is_loaded(**_signal: object) -> None:
    """Full collections, of which a large order causes several, need not look at the code and
    tables that are loaded by now: they stay for good."""
    gc.collect()
    gc.freeze()
