"""The web application with the waits of the product cut short."""

from config.asgi import application
from tests.chaos import hurried

__all__ = ["application", "hurried"]
