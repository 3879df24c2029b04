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
        fits = given.precision <= MAX_DECIMAL_PRECISION
        return pa.decimal128(given.precision, given.scale) if fits else None
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
            columns.append(column if column.type == field.type else column.cast(field.type))
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


def restored(batch: pa.RecordBatch, given: pa.Schema | None) -> pa.RecordBatch:
    """The batch of a result, with the columns that were sent as they were given."""
    import pyarrow as pa

    columns, fields = [], []
    for column, field in zip(batch.columns, batch.schema, strict=True):
        wanted = _restored_type(field, given)
        columns.append(column if column.type == wanted else column.cast(wanted))
        fields.append(pa.field(field.name, wanted))
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


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
        wanted = pa.dictionary(pa.int32(), wanted.value_type, wanted.ordered)
    try:
        pa.nulls(0, field.type).cast(wanted)
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
