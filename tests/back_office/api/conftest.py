"""The API in this process, and those who sign tokens for it."""

from tests.in_process_api import api, cast, key_folder, published_cast

__all__ = ["api", "cast", "key_folder", "published_cast"]
