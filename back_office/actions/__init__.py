"""What staff can do to put things right: one module for each family of deeds, the same for pages
and commands; each writes the trail."""
