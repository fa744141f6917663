"""An index is made concurrently, of a table that is partitioned, too."""

from collections.abc import Iterator

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.state import ModelState, ProjectState

from runtime.database import sql
from runtime.database.partitioned_indexes import AddIndexToPartitions

pytestmark = pytest.mark.django_db(transaction=True)

INDEX = models.Index(fields=["age"], condition=models.Q(age__gt=17), name="parcel_grown")
ADD = AddIndexToPartitions(model_name="parcel", index=INDEX)


@pytest.fixture
def parcels() -> Iterator[None]:
    """Two partitions, of which one has the index already, from a run that was cut short."""
    sql.change("CREATE TABLE runtime_parcel (id bigint, age int) PARTITION BY RANGE (id)")
    for n in range(2):
        sql.change(
            f"CREATE TABLE runtime_parcel_{n} PARTITION OF runtime_parcel"
            f" FOR VALUES FROM ({n}) TO ({n + 1})"
        )
    sql.change("CREATE INDEX parcel_grown_0 ON runtime_parcel_0 (age) WHERE age > 17")
    yield
    sql.change("DROP TABLE runtime_parcel")


def apply(operation: migrations.AddIndex) -> None:
    before = ProjectState()
    before.add_model(
        ModelState(
            "runtime",
            "parcel",
            [("id", models.BigIntegerField(primary_key=True)), ("age", models.IntegerField())],
        )
    )
    after = before.clone()
    operation.state_forwards("runtime", after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("runtime", editor, before, after)


@pytest.mark.usefixtures("parcels")
def test_each_partition_gets_the_index_and_the_whole_is_valid_then() -> None:
    apply(ADD)
    apply(ADD)
    made = sql.rows(
        "SELECT indexrelid::regclass::text, indisvalid FROM pg_index"
        " WHERE indrelid::regclass::text LIKE 'runtime_parcel%%' ORDER BY 1"
    )
    assert made == [("parcel_grown", True), ("parcel_grown_0", True), ("parcel_grown_1", True)]


@pytest.mark.usefixtures("parcels")
def test_djangos_own_cannot() -> None:
    with pytest.raises(Exception, match="concurrently"):
        apply(AddIndexConcurrently(model_name="parcel", index=INDEX))


def test_a_table_without_partitions_gets_its_index_as_usual() -> None:
    sql.change("CREATE TABLE runtime_parcel (id bigint, age int)")
    try:
        apply(ADD)
        assert sql.rows(
            "SELECT indisvalid FROM pg_index JOIN pg_class i ON i.oid = indexrelid"
            " WHERE relname = 'parcel_grown'"
        ) == [(True,)]
    finally:
        sql.change("DROP TABLE runtime_parcel")
