"""The web application with the waits of the product cut short."""

from config.asgi import application
from tests.chaos import shortened_limits

__all__ = ["application", "shortened_limits"]
