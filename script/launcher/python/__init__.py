"""From whatever Python the machine has to a virtual environment with what is pinned."""
