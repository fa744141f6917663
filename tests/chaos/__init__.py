"""Everything goes wrong at once, and nothing may be lost: what script/chaos runs."""
