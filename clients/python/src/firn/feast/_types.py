"""Types of columns: of Trino and Feast as Arrow's, and Arrow's as Firn's dtypes and Feast's value types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from feast.type_map import pa_to_feast_value_type
from feast.types import Array, FeastType
from feast.value_type import ValueType

if TYPE_CHECKING:
    import pyarrow as pa

MICROS = 6


def of_trino(text: str) -> pa.DataType:
    """The Arrow type of a column of Trino, such as `array(row(a bigint))`.

    :raises ValueError: if there is none
    """
    import pyarrow as pa

    name, inner, rest = _parts(text.strip())
    if name == "timestamp":
        return pa.timestamp("us" if int(inner or 3) <= MICROS else "ns", "UTC" if rest else None)
    if name == "decimal":
        precision, scale = (int(one) for one in inner.split(","))
        return pa.decimal128(precision, scale)
    if name == "array":
        return pa.list_(of_trino(inner))
    if name == "map":
        key, item = _split(inner)
        return pa.map_(of_trino(key), of_trino(item))
    if name == "row":
        return pa.struct([_field(one) for one in _split(inner)])
    plain = {
        "boolean": pa.bool_(),
        "tinyint": pa.int8(),
        "smallint": pa.int16(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "real": pa.float32(),
        "double": pa.float64(),
        "varchar": pa.string(),
        "char": pa.string(),
        "varbinary": pa.binary(),
        "date": pa.date32(),
        "time": pa.time64("us"),
        "uuid": pa.uuid(),
        "unknown": pa.null(),
    }
    if name not in plain:
        raise ValueError(f"Trino's type {text} has no counterpart here")
    return plain[name]


def _parts(text: str) -> tuple[str, str, str]:
    """`timestamp(6) with time zone` as its name, what is in parentheses, and the rest."""
    if "(" not in text:
        name, _, rest = text.partition(" ")
        return name, "", rest
    name, _, after = text.partition("(")
    inner, _, rest = after.rpartition(")")
    return name, inner, rest.strip()


def _split(text: str) -> Iterator[str]:
    """The parts between the commas that are not in parentheses or quotes."""
    depth, start, is_quoted = 0, 0, False
    for at, letter in enumerate(text):
        if letter == '"':
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif letter == "," and depth == 0:
            yield text[start:at]
            start = at + 1
        else:
            depth += (letter == "(") - (letter == ")")
    yield text[start:]


def _field(text: str) -> pa.Field:
    import pyarrow as pa

    quoted = re.fullmatch(r'\s*"((?:[^"]|"")*)"\s+(.*)', text)
    name, type_ = (quoted[1].replace('""', '"'), quoted[2]) if quoted else text.strip().split(" ", 1)
    return pa.field(name, of_trino(type_))


def dtype(given: pa.DataType) -> str:
    """Firn's dtype of exactly this type.

    :raises ValueError: if there is none
    """
    import pyarrow as pa

    is_ = pa.types
    if is_.is_timestamp(given):
        return ("timestamptz" if given.tz else "timestamp") + ("_ns" if given.unit == "ns" else "")
    if is_.is_decimal(given):
        return f"decimal({given.precision},{given.scale})"
    if is_.is_map(given):
        return f"map<{dtype(given.key_type)}, {dtype(given.item_type)}>"
    if is_.is_struct(given):
        return f"struct<{', '.join(f'{one.name}: {dtype(one.type)}' for one in given)}>"
    if is_.is_list(given) or is_.is_large_list(given):
        return f"list<{dtype(given.value_type)}>"
    if isinstance(given, pa.BaseExtensionType) and given.extension_name == "arrow.uuid":
        return "uuid"
    if is_.is_fixed_size_binary(given):
        return "bytes"
    if is_.is_time(given):
        return "time"
    plain = {
        "bool": "bool",
        "int8": "int32",
        "int16": "int32",
        "int32": "int32",
        "int64": "int64",
        "float": "float32",
        "double": "float64",
        "string": "string",
        "large_string": "string",
        "binary": "bytes",
        "large_binary": "bytes",
        "date32[day]": "date",
    }
    if str(given) not in plain:
        raise ValueError(f"Firn has no dtype for {given}")
    return plain[str(given)]


# a dtype is an assertion, not a cast: the wider one accepts both
_WIDEST = {
    ValueType.BOOL: "bool",
    ValueType.INT32: "int64",
    ValueType.INT64: "int64",
    ValueType.FLOAT: "float64",
    ValueType.DOUBLE: "float64",
    ValueType.STRING: "string",
    ValueType.JSON: "string",
    ValueType.BYTES: "bytes",
    ValueType.UNIX_TIMESTAMP: "timestamptz",
}


def declared_dtype(declared: FeastType) -> str:
    """The widest dtype of Firn for a feature, where the table's own type is not known."""
    if isinstance(declared, Array):
        return f"list<{declared_dtype(declared.base_type)}>"
    return _WIDEST.get(declared.to_value_type(), "string")


def feast_value_type(arrow_type: str) -> ValueType:
    """Feast's value type for the text of an Arrow type."""
    if arrow_type.startswith("decimal"):
        return ValueType.DOUBLE
    if "uuid" in arrow_type:
        return ValueType.STRING
    if arrow_type.startswith(("date32", "time64")):
        return ValueType.UNIX_TIMESTAMP if arrow_type.startswith("date32") else ValueType.STRING
    try:
        return pa_to_feast_value_type(arrow_type)
    except KeyError:
        return ValueType.UNKNOWN
