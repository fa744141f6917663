"""Lints migrations: django-migration-linter, and what it does not see of PostgreSQL's own.

`python -m script.launcher.suite.safe_migrations` takes the words of `manage.py lintmigrations`.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence

from django.core.management import execute_from_command_line
from django_migration_linter.sql_analyser.base import Check, CheckMode, CheckType
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

_NO_STATEMENT = re.compile(r"\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
"""Bodies of functions, texts and comments."""
_STABLE = r"(?!now\b|transaction_timestamp\b|statement_timestamp\b)"
_COMPUTED = re.compile(
    rf"ADD (COLUMN )?.*(\bDEFAULT \(*{_STABLE}[\w.]+\(|\b(SMALL|BIG)?SERIAL\b|\bGENERATED\b)", re.I
)
_ADDED = re.compile(
    r"ALTER TABLE (?:ONLY )?(\S+) .*ADD (?:CONSTRAINT \S+ )?(?:CHECK|FOREIGN)\b", re.I
)
_MADE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\S+)", re.I)
_WHOLE_TABLE = re.compile(r"(UPDATE (?!.*\bWHERE\b)|DELETE FROM (?!.*\bWHERE\b)|TRUNCATE\b)", re.I)
_REWRITES = re.compile(r"(CLUSTER\b|VACUUM (\(.*)?FULL\b)", re.I)


def statements(lines: Sequence[str]) -> list[str]:
    """As PostgreSQL takes them, each on one line. The linter hands over lines."""
    text = _NO_STATEMENT.sub(" ", "\n".join(lines))
    return [" ".join(statement.split()) for statement in text.split(";")]


def _of_old_tables(lines: Sequence[str]) -> Iterator[str]:
    """Without those about a table that the migration itself has made, which nobody uses yet."""
    made: set[str] = set()
    for statement in statements(lines):
        if new := _MADE.match(statement):
            made.add(new[1])
        if not any(f" {table} " in f"{statement} " for table in made):
            yield statement


def computes_each_row(lines: Sequence[str], **_: object) -> bool:
    """A default that is another one for each row rewrites the table; so does a computed column.

    https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
    """
    return any(map(_COMPUTED.search, _of_old_tables(lines)))


def looks_at_each_row(lines: Sequence[str], **_: object) -> bool:
    """NOT VALID lets a constraint hold from now on; VALIDATE CONSTRAINT looks at what was there,
    in a migration of its own, and locks nobody out."""
    return any(
        _ADDED.match(statement) and not statement.upper().endswith("NOT VALID")
        for statement in _of_old_tables(lines)
    )


def changes_each_row(lines: Sequence[str], **_: object) -> bool:
    return any(map(_WHOLE_TABLE.match, _of_old_tables(lines)))


def rewrites_the_table(lines: Sequence[str], **_: object) -> bool:
    return any(map(_REWRITES.match, statements(lines)))


_REFUSED: Sequence[tuple[str, Callable[..., bool], str]] = (
    ("VOLATILE_DEFAULT", computes_each_row, "A column computed for each row rewrites the table"),
    ("VALIDATING", looks_at_each_row, "A constraint that is not NOT VALID locks out all writers"),
    ("WHOLE_TABLE", changes_each_row, "Changing a whole table locks each of its rows"),
    ("REWRITE", rewrites_the_table, "CLUSTER and VACUUM FULL lock out everybody"),
)
CHECKS = [
    Check(code, function, message, CheckMode.TRANSACTION, CheckType.ERROR)
    for code, function, message in _REFUSED
]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    PostgresqlAnalyser.migration_checks = [*PostgresqlAnalyser.migration_checks, *CHECKS]
    execute_from_command_line([sys.argv[0], "lintmigrations", *sys.argv[1:]])
