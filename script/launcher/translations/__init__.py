"""script/translations: the Norwegian of the back office."""
