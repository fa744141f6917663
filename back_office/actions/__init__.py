"""What staff may do: a module for each action holds its preview, its run and its sentences, the
same for pages and commands; each writes its own audit entry."""
