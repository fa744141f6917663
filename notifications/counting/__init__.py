"""How many orders and notifications each day had, counted hour by hour as they are made."""
