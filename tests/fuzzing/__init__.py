"""script/fuzz: requests that nobody would think of, good and bad."""
