"""A chain for tests of the desk: a main order with reminders."""

from uuid import uuid4

from orders.models import Creator, Order, OrderChain
from tests.building import NOON, order

IDEMPOTENCY_ID = "51234567/0198-init"
DIALOG = "0198f1d2-77aa-7c3e-9d21-5b1f60a9c001"


def chain(
    creator: Creator, *statuses: str, idempotency_id: str = "", dialog_id: str | None = DIALOG
) -> list[Order]:
    """The main order first; each in its status."""
    made = OrderChain.objects.create(
        creator=creator,
        kind=OrderChain.Kind.CHAIN,
        idempotency_id=idempotency_id or str(uuid4()),
        dialog_id=dialog_id,
        created=NOON,
    )
    return [
        order(creator, status=status, chain=made, chain_position=position)
        for position, status in enumerate(statuses)
    ]
