"""An index that is made while others read and write, also of a table that is partitioned."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Index

PARTITIONS = """
SELECT inhrelid::regclass::text FROM pg_inherits
WHERE inhparent = %s::regclass AND NOT EXISTS (
    SELECT FROM pg_index
    JOIN pg_inherits AS attached ON attached.inhrelid = pg_index.indexrelid
    WHERE pg_index.indrelid = pg_inherits.inhrelid AND attached.inhparent = to_regclass(%s)
)
"""

# Who only shows the statements of a migration has no tables yet.
_IS_PARTITIONED = (
    "SELECT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = to_regclass(%s))"
)


class AddIndexToPartitions(AddIndexConcurrently):
    """PostgreSQL makes no index of a partitioned table concurrently, but those of its partitions,
    one after the other. For migrations of the tables that an operator may have partitioned.

    What an interrupted one has made is found by the next: the index of the whole is not valid
    before each partition has its own.
    https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_IS_PARTITIONED, [model._meta.db_table])
            (is_partitioned,) = cursor.fetchone()
        if not is_partitioned:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        self._ensure_not_in_transaction(schema_editor)
        add_to_each(
            schema_editor,
            model._meta.db_table,
            str(self.index.create_sql(model, schema_editor)),
            self.index,
        )


def add_to_each(
    schema_editor: BaseDatabaseSchemaEditor, table: str, definition: str, index: Index
) -> None:
    name, of_table = f'"{index.name}"', f'ON "{table}"'
    schema_editor.execute(
        definition.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS").replace(
            of_table, f"ON ONLY {of_table[3:]}"
        )
    )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(PARTITIONS, [table, name])
        partitions = [row[0] for row in cursor.fetchall()]
    for partition in partitions:
        own = f'"{index.name}{partition.removeprefix(table)}"'
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {own}")
        schema_editor.execute(
            definition.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY")
            .replace(name, own)
            .replace(of_table, f"ON {partition}")
        )
        schema_editor.execute(f"ALTER INDEX {name} ATTACH PARTITION {own}")
