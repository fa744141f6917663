"""A client of the API within the process, with its tokens."""

from tests.in_process_api import api, cast, key_folder, published_cast

__all__ = ["api", "cast", "key_folder", "published_cast"]
