"""corpus_values.py OUT FOLDER...: writes what PyArrow reads of each Parquet file, for CorpusRun to compare.

OUT/<path with '/' as '~'>.json holds {"columns": {name: {"values": [text or null, ...]} or {"error": why}}} or
{"error": why}. Texts have one form for both readers: numbers in decimal, floating point as the bits of a double, binary
as hexadecimal, dates as days, times and timestamps as nanoseconds since midnight or 1970.
"""

import json
import struct
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

MAX_BYTES = 256 << 20
MAX_NANOS = 253_402_300_800 * 1_000_000_000  # the year 10000: PyArrow computes later INT96 times wrongly
UNKNOWN = "?"
NANOS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}


def text(value):
    """The text of an Arrow scalar, or None."""
    if not value.is_valid:
        return None
    kind = value.type
    if isinstance(value, pa.ExtensionScalar):
        return text(value.value)
    if pa.types.is_dictionary(kind):
        return text(value.dictionary[value.index.as_py()])
    if pa.types.is_boolean(kind):
        return "true" if value.as_py() else "false"
    if pa.types.is_floating(kind):
        number = float(value.as_py())
        return "nan" if number != number else struct.pack(">d", number).hex()
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        nanos = value.value * NANOS[kind.unit]
        return str(nanos) if abs(nanos) < MAX_NANOS else UNKNOWN
    if pa.types.is_date32(kind):
        return str(value.value)
    if pa.types.is_date64(kind):
        return str(value.value // 86_400_000)
    if pa.types.is_duration(kind):
        return str(value.value)
    if pa.types.is_decimal(kind):
        return format(value.as_py(), "f")
    if pa.types.is_map(kind):
        pairs = [(text(key), text(item)) for key, item in zip(value.values.field(0), value.values.field(1))]
        return "{" + ", ".join(f"{k}={v}" for k, v in sorted(dict(pairs).items(), key=str)) + "}"
    if pa.types.is_struct(kind):
        return "[" + ", ".join(str(text(value[i])) for i in range(kind.num_fields)) + "]"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return "[" + ", ".join(str(text(item)) for item in value.values) + "]"
    plain = value.as_py()
    return plain.hex() if isinstance(plain, bytes) else str(plain)


def column(path, name):
    try:
        table = pq.ParquetFile(path, page_checksum_verification=True, coerce_int96_timestamp_unit="us").read(columns=[name])
        return {"values": [text(value) for chunk in table.column(name).chunks for value in chunk]}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def read(path):
    try:
        file = pq.ParquetFile(path)
        footer = file.metadata
        for group in range(footer.num_row_groups):
            if footer.row_group(group).total_byte_size > MAX_BYTES:
                return {"error": "too large for this comparison"}
        return {"columns": {name: column(path, name) for name in file.schema_arrow.names}}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def main(out, *folders):
    Path(out).mkdir(parents=True, exist_ok=True)
    for folder in map(Path, folders):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and ".parquet" in path.name and not path.name.endswith(".json"):
                name = str(path.relative_to(folder)).replace("/", "~") + ".json"
                Path(out, name).write_text(json.dumps(read(path)))


main(*sys.argv[1:])
