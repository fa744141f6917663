"""The answer to a webhook's caller who has not proven to be the gateway or provider."""

from django.http import HttpResponse


class Unproven(HttpResponse):
    """Whoever counts guesses knows them by this class (`config.guesses`)."""
