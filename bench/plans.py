"""What statements really read, for promises about costs that no clock can show."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction

Plan = dict[str, Any]
"""A node of what EXPLAIN says, in JSON."""
_EXPLAINED = ("SELECT", "WITH", "UPDATE", "INSERT", "DELETE")


def plan_of(sql: str, params: object = None) -> Plan:
    """The plan of the statement, as it really went, with its buffers; nothing of it stays."""
    with transaction.atomic():
        # Past Django's wrappers of execution, of which the caller may be one.
        explained = connection.connection.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params, prepare=False
        )
        plan: Plan = explained.fetchone()[0][0]["Plan"]
        transaction.set_rollback(True)
    return plan


def is_explained(sql: str) -> bool:
    """Whether the statement has a plan."""
    return sql.lstrip().startswith(_EXPLAINED)


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def buffers(plan: Plan) -> int:
    """Those of a node and of all below it."""
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


def rows_read(node: Plan) -> int:
    """How many rows a scan went through, fitting or not; 0 for what is no scan."""
    if not node["Node Type"].endswith("Scan"):
        return 0
    each: float = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    loops: int = node["Actual Loops"]
    return round(each * loops)


def most_rows_read(work: Callable[[], object]) -> int:
    """Of all statements of the work, the most rows that one scan went through."""
    most = 0

    def look(
        execute: Callable[..., object], sql: str, params: object, many: bool, context: object
    ) -> object:
        nonlocal most
        if is_explained(sql):
            most = max(most, *map(rows_read, nodes(plan_of(sql, params))))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        work()
    return most
