"""How jobs run: one at a time, one after the other, and as soon as there is something to do."""
