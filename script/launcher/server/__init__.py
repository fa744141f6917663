"""script/server: the whole product on one machine, from settings to a welcome."""
