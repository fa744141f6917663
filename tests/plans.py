"""What statements really read, for promises about costs that no clock can show."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction

_EXPLAINED = ("SELECT", "WITH", "UPDATE", "INSERT", "DELETE")


def most_rows_read(work: Callable[[], object]) -> int:
    """Of all statements of the work, the most rows that one scan went through, fitting or not."""
    most = 0

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal most
        if sql.lstrip().startswith(_EXPLAINED):
            most = max(most, *map(_rows_read, nodes(_explained(sql, params))))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        work()
    return most


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def _explained(sql: str, params: Any) -> dict[str, Any]:
    """The plan of the statement, as it really went; nothing of it stays."""
    with transaction.atomic():
        explained = connection.connection.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params, prepare=False
        )
        plan: dict[str, Any] = explained.fetchone()[0][0]["Plan"]
        transaction.set_rollback(True)
    return plan


def _rows_read(node: dict[str, Any]) -> int:
    if not node["Node Type"].endswith("Scan"):
        return 0
    each: float = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    loops: int = node["Actual Loops"]
    return round(each * loops)
