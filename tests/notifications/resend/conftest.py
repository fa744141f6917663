"""An order whose notifications have ended."""

import pytest

from orders.models import Creator, Order
from tests.building import processed_order


@pytest.fixture
def completed(ttd: Creator) -> Order:
    return processed_order(ttd, status="Completed")
