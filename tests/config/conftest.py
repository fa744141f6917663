"""A client of the API within the process, with its tokens; and a production's environment."""

from collections.abc import Mapping

import pytest

from tests.config.production import complete
from tests.in_process_api import api, cast, key_folder, published_cast

__all__ = ["api", "cast", "key_folder", "published_cast"]


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return complete(tmp_path_factory.mktemp("production"))
