"""What a table looks like, as Trino or else the Iceberg catalog tells it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from feast.data_source import DataSource
from feast.repo_config import RepoConfig

from ._config import client, settings
from ._source import FirnSource, table_of

if TYPE_CHECKING:
    import pyarrow as pa


def schema_of(config: RepoConfig, table: str) -> pa.Schema | None:
    """The columns of a table; None: there is no such table.

    :raises ValueError: if neither Trino nor PyIceberg is configured
    """
    store = settings(config)
    if store.trino is not None:
        from ._trino import Trino

        with Trino(store.trino) as trino:
            return trino.schema(table)
    from ._iceberg import schema

    return schema(store, table)


def knows_tables(config: RepoConfig, table: str) -> bool:
    """Whether tables can be looked at from here."""
    store = settings(config)
    return store.trino is not None or table.partition(".")[0] in store.pyiceberg


def found_in(schema: pa.Schema, name: str) -> pa.Field | None:
    """A column of a schema that Trino told, which has lower case only; exactly if there is one."""
    if name in schema.names:
        return schema.field(name)
    alike = [one for one in schema if one.name.lower() == name.lower()]
    return alike[0] if len(alike) == 1 else None


def column_names_and_types(config: RepoConfig, source: DataSource) -> Iterable[tuple[str, str]]:
    table = table_of(config, source)
    schema = schema_of(config, table)
    if schema is None:
        raise ValueError(f"source '{source.name}': there is no table {table}, or its user may not see it")
    return [(one.name, str(one.type)) for one in schema]


def require_source(config: RepoConfig, source: DataSource) -> None:
    """Checks what can be checked from here; a registration checks everything.

    :raises ValueError: naming everything that is missing
    """
    if isinstance(source, FirnSource) and source.firn_view:
        client(config).view(source.firn_view)
    table = table_of(config, source)
    if not knows_tables(config, table):
        return
    names = {name for name, _ in column_names_and_types(config, source)}
    spelt = str.lower if settings(config).trino is not None else str
    reverse = {to: column for column, to in source.field_mapping.items()}
    columns = [reverse.get(one, one) for one in (source.timestamp_field, source.created_timestamp_column) if one]
    missing = [one for one in columns if spelt(one) not in names]
    if missing:
        raise ValueError(f"source '{source.name}': the table {table} has no column {' and no column '.join(missing)}")
