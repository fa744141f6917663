"""202 means stored: it is said after the commit, and never of an order that is not there."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from script.launcher.system.running_system import RunningSystem
from tests.proof.live import place


@contextmanager
def no_commit(web: RunningSystem) -> Iterator[None]:
    """Every statement on orders succeeds, and then the commit fails."""
    with psycopg.connect(web.database, autocommit=True) as outside:
        outside.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'The disk is full.'; END $$"
        )
        outside.execute(
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON orders_order"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        try:
            yield
        finally:
            outside.execute("DROP FUNCTION refuse CASCADE")


def test_an_order_whose_commit_fails_is_not_accepted(web: RunningSystem) -> None:
    count = "SELECT count(*) FROM orders_order"
    before = web.query(count)
    with no_commit(web):
        answer = place(web)
    assert answer.status == 500
    assert b"orderId" not in answer.body
    assert web.query(count) == before
