"""Arrow types on their way to Firn and back.

Rows travel as Parquet, and a result has Iceberg's types, which are fewer than Arrow's: an int8 comes back as an int32,
a dictionary as strings. So a job remembers the types of what it sent, and gives those columns back as they were.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._errors import InvalidFrame, Violation

if TYPE_CHECKING:
    import pyarrow as pa

MAX_DECIMAL_PRECISION = 38


def sent_schema(schema: pa.Schema, timestamp_column: str) -> pa.Schema:
    """The types under which columns are sent.

    :raises InvalidFrame: naming every column that cannot be sent
    """
    import pyarrow as pa

    fields: list[pa.Field] = []
    problems: list[Violation] = []
    seen: set[str] = set()
    for field in schema:
        if field.name in seen:
            problems.append(
                Violation("COLUMN_COLLISION", f"The rows have two columns '{field.name}'; rename one.", field.name)
            )
        seen.add(field.name)
        sent = _sent_type(field.type)
        if sent is None:
            problems.append(unsupported(field.name, str(field.type)))
            continue
        if pa.types.is_null(sent) and field.name == timestamp_column:
            sent = pa.timestamp("us", "UTC")
        fields.append(pa.field(field.name, sent))
    if problems:
        raise refused(problems)
    return pa.schema(fields)


def unsupported(column: str, what: str) -> Violation:
    return Violation(
        "SPINE_COLUMN_TYPE",
        f"Column '{column}' holds {what}, which Firn has no type for; convert or drop it.",
        column,
    )


def refused(problems: list[Violation]) -> InvalidFrame:
    return InvalidFrame(
        problems[0].code if len(problems) == 1 else "REFUSED",
        problems[0].message if len(problems) == 1 else "The rows cannot be sent as they are.",
        violations=problems,
        fault="REQUEST",
    )


def _sent_type(given: pa.DataType) -> pa.DataType | None:
    """The type to send, or None."""
    import pyarrow as pa

    is_ = pa.types
    if is_.is_dictionary(given) or is_.is_run_end_encoded(given):
        return _sent_type(given.value_type)
    if isinstance(given, pa.BaseExtensionType):
        # pandas' periods and intervals are numbers that mean nothing elsewhere
        return given if given.extension_name == "arrow.uuid" else None
    if is_.is_large_string(given) or is_.is_string_view(given):
        return pa.string()
    if is_.is_large_binary(given) or is_.is_binary_view(given):
        return pa.binary()
    if is_.is_timestamp(given) and given.unit in ("s", "ms"):
        return pa.timestamp("us", given.tz)
    if is_.is_date64(given):
        return pa.date32()
    if is_.is_time(given):
        return pa.time64("us")
    if is_.is_decimal(given):
        # Parquet has no negative scales
        scale = max(0, given.scale)
        precision = given.precision - given.scale + scale
        return pa.decimal128(precision, scale) if precision <= MAX_DECIMAL_PRECISION else None
    if is_.is_float16(given):
        return pa.float32()
    if is_.is_duration(given):
        return pa.int64()
    if is_.is_nested(given):
        return _sent_nested(given)
    return None if is_.is_interval(given) else given


def _sent_nested(given: pa.DataType) -> pa.DataType | None:
    import pyarrow as pa

    is_ = pa.types
    if is_.is_struct(given):
        types = [_sent_type(field.type) for field in given]
        if None in types or not types:
            return None
        return pa.struct([pa.field(field.name, sent) for field, sent in zip(given, types, strict=True)])
    if is_.is_map(given):
        key, item = _sent_type(given.key_type), _sent_type(given.item_type)
        return None if key is None or item is None else pa.map_(key, item)
    if is_.is_union(given):
        return None
    value = _sent_type(given.value_type)
    return None if value is None else pa.list_(value)


def convert(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with the types under which it is sent.

    :raises InvalidFrame: if a value does not fit, such as a time with nanoseconds
    """
    import pyarrow as pa

    columns, problems = [], []
    for column, field in zip(batch.columns, schema, strict=True):
        try:
            columns.append(column if column.type == field.type else _plain(column).cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as e:
            problems.append(
                Violation(
                    "SPINE_VALUE_INVALID",
                    f"Column '{field.name}' ({column.type}) cannot be sent as {field.type}: {e}",
                    field.name,
                )
            )
    if problems:
        raise refused(problems)
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _plain(column: pa.Array) -> pa.Array:
    """The same values without dictionaries, run ends and views: Arrow casts each of these, but not all combinations."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_, kind = pa.types, column.type
    if is_.is_dictionary(kind):
        return _plain(column.dictionary).take(column.indices)
    if is_.is_run_end_encoded(kind):
        return _plain(pc.run_end_decode(column))
    if is_.is_string_view(kind):
        return column.cast(pa.string())
    if is_.is_binary_view(kind):
        return column.cast(pa.binary())
    if is_.is_struct(kind):
        parts = [_plain(part) for part in column.flatten()]
        fields = [pa.field(field.name, part.type) for field, part in zip(kind, parts, strict=True)]
        return pa.StructArray.from_arrays(parts, fields=fields, mask=column.is_null())
    if is_.is_nested(kind) and not is_.is_map(kind):
        ends = pc.cumulative_sum(pc.fill_null(pc.list_value_length(column), 0).cast(pa.int64()))
        starts = pa.concat_arrays([pa.array([0], pa.int64()), ends])
        return pa.LargeListArray.from_arrays(starts, _plain(column.flatten()), mask=column.is_null())
    return column


def restored(batch: pa.RecordBatch, given: pa.Schema | None) -> pa.RecordBatch:
    """The batch of a result, with the columns that were sent as they were given."""
    import pyarrow as pa

    columns, fields = [], []
    for column, field in zip(batch.columns, batch.schema, strict=True):
        wanted = _restored_type(field, given)
        columns.append(column if column.type == wanted else _as(column, wanted))
        fields.append(pa.field(field.name, wanted))
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def _as(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Arrow casts to dictionaries of text only."""
    import pyarrow as pa

    if not pa.types.is_dictionary(wanted):
        return column.cast(wanted)
    encoded = column.dictionary_encode()
    values = encoded.dictionary.cast(wanted.value_type)
    return pa.DictionaryArray.from_arrays(encoded.indices, values, ordered=wanted.ordered)


def _restored_type(field: pa.Field, given: pa.Schema | None) -> pa.DataType:
    import pyarrow as pa

    index = -1 if given is None else given.get_field_index(field.name)
    if given is None or index < 0:
        return field.type
    wanted = given.field(index).type
    if pa.types.is_null(wanted):
        return field.type
    if pa.types.is_dictionary(wanted):
        # the batches of a stream may each have had a small dictionary of their own
        # of views, Arrow unites no dictionaries
        views = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
        wanted = pa.dictionary(pa.int32(), views.get(wanted.value_type, wanted.value_type), wanted.ordered)
    try:
        _as(pa.nulls(0, field.type), wanted)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return field.type
    return wanted


def of_iceberg(text: str) -> pa.DataType:
    """The Arrow type of a join key, as Iceberg prints its type."""
    import pyarrow as pa

    decimal = re.fullmatch(r"decimal\((\d+), ?(\d+)\)", text)
    if decimal:
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    plain = {
        "int": pa.int32(),
        "long": pa.int64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "binary": pa.binary(),
    }
    return plain.get(text, pa.string())
