"""The promises under fire: each module shows one of them kept while things go wrong."""
