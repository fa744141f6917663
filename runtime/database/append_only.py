"""Lets a table be added to, and nothing else: no row is changed or deleted, alone or with all.

Whoever owns a table can drop its triggers; deploy/README.md tells how the processes become a role
that owns nothing.
"""

import pgtrigger


def never_emptied() -> pgtrigger.Trigger:
    """Refuses TRUNCATE, for which no trigger of a row is asked
    (https://www.postgresql.org/docs/current/sql-createtrigger.html)."""
    return pgtrigger.Trigger(
        name="never_emptied",
        operation=pgtrigger.Truncate,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        func="RAISE EXCEPTION 'Cannot truncate table %: it is only ever added to', TG_TABLE_NAME;",
    )


def append_only() -> list[pgtrigger.Trigger]:
    rows = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
    return [rows, never_emptied()]


def never_changed() -> list[pgtrigger.Trigger]:
    """For what has an end: rows go when their time is over, and until then stay as they are."""
    return [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update), never_emptied()]
