"""Tables that this process writes: with PyIceberg's own configuration, and `pyiceberg` of the settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ._config import FirnOfflineStoreConfig

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.catalog import Catalog


def _catalog(store: FirnOfflineStoreConfig, name: str) -> Catalog:
    from pyiceberg.catalog import load_catalog

    properties = store.pyiceberg.get(name, {})
    return load_catalog(name, **{key: value.get_secret_value() for key, value in properties.items()})


def schema(store: FirnOfflineStoreConfig, table: str) -> pa.Schema | None:
    import pyarrow as pa
    from pyiceberg.exceptions import NoSuchTableError

    catalog, name = table.split(".", 1)
    try:
        found = _catalog(store, catalog).load_table(name).schema().as_arrow()
    except NoSuchTableError:
        return None
    return pa.schema([pa.field(one.name, _usual(one.type)) for one in found])


def append(store: FirnOfflineStoreConfig, table: str, rows: pa.Table, names: Mapping[str, str]) -> None:
    """Appends rows to a table in one commit.

    :param names: the table's columns by those of the rows that have other names
    :raises ValueError: if a column's values do not fit into the table's type
    """
    catalog, name = table.split(".", 1)
    target = _catalog(store, catalog).load_table(name)
    renamed = rows.rename_columns([names.get(one, one) for one in rows.column_names])
    target.append(_as(renamed, target.schema().as_arrow()))


def save(store: FirnOfflineStoreConfig, table: str, rows: pa.Table, *, is_overwritten: bool, is_appended: bool) -> bool:
    """Writes rows to a table, which is created if it is not there, in one commit.

    :return: False if the table is there, and is to be neither overwritten nor appended to
    """
    import pyarrow as pa
    from pyiceberg.exceptions import NoSuchTableError

    catalog, name = table.split(".", 1)
    loaded = _catalog(store, catalog)
    try:
        target = loaded.load_table(name)
    except NoSuchTableError:
        storable = pa.schema([pa.field(one.name, _storable(one.type)) for one in rows.schema])
        created = loaded.create_table_transaction(name, storable)
        created.append(rows.select(storable.names).cast(storable))
        created.commit_transaction()
        return True
    if is_appended:
        target.append(_as(rows, target.schema().as_arrow()))
    elif is_overwritten:
        target.overwrite(_as(rows, target.schema().as_arrow()))
    return is_appended or is_overwritten


def _as(rows: pa.Table, wanted: pa.Schema) -> pa.Table:
    """The rows with the table's columns and types. Values are never changed."""
    import pyarrow as pa

    # Trino told Feast the names in lower case
    spelt = {one.lower(): one for one in wanted.names}
    rows = rows.rename_columns(
        [one if one in wanted.names else spelt.get(one.lower(), one) for one in rows.column_names]
    )
    twice = sorted(one for one, times in Counter(rows.column_names).items() if times > 1)
    if twice:
        raise ValueError(f"two columns of the rows would be the table's column {' and its column '.join(twice)}")
    columns, problems = [], []
    for one in wanted:
        column = rows[one.name] if one.name in rows.column_names else pa.nulls(rows.num_rows, one.type)
        try:
            columns.append(_cast(column, one.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as e:
            problems.append(f"column '{one.name}' ({column.type}) does not fit {one.type}: {e}")
    extra = [name for name in rows.column_names if name not in wanted.names]
    if extra:
        problems.append(f"the table has no column {' and no column '.join(extra)}")
    if problems:
        raise ValueError("; ".join(problems))
    return pa.Table.from_arrays(columns, schema=wanted)


def _cast(column: pa.ChunkedArray | pa.Array, wanted: pa.DataType) -> pa.ChunkedArray | pa.Array:
    import pyarrow as pa

    if pa.types.is_struct(column.type) and pa.types.is_map(wanted):
        rows = [None if one is None else list(one.items()) for one in column.to_pylist()]
        return pa.array(rows, wanted)
    if pa.types.is_struct(column.type) and pa.types.is_struct(wanted):
        return pa.array(column.to_pylist(), wanted)
    return column.cast(wanted)


def _storable(given: pa.DataType) -> pa.DataType:
    """The nearest type that Iceberg v2 has."""
    import pyarrow as pa

    if pa.types.is_dictionary(given):
        return _storable(given.value_type)
    if pa.types.is_null(given):
        return pa.string()
    if pa.types.is_timestamp(given):
        return pa.timestamp("us", "UTC" if given.tz else None)
    if pa.types.is_unsigned_integer(given):
        return pa.int64()
    return given


def _usual(given: pa.DataType) -> pa.DataType:
    """Without the large types of PyIceberg, which mean the same."""
    import pyarrow as pa

    if pa.types.is_large_string(given):
        return pa.string()
    if pa.types.is_large_binary(given):
        return pa.binary()
    if pa.types.is_list(given) or pa.types.is_large_list(given):
        return pa.list_(_usual(given.value_type))
    if pa.types.is_map(given):
        return pa.map_(_usual(given.key_type), _usual(given.item_type))
    if pa.types.is_struct(given):
        return pa.struct([pa.field(one.name, _usual(one.type)) for one in given])
    return given
