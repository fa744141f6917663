"""How much may be asked for in a minute."""
