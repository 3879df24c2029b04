"""corpus_files.py OUT TABLE: writes Parquet files as other tools write them, for CorpusRun to compare.

PyArrow, pandas, Polars, DuckDB, fastparquet and parquet-rs (arro3), each with its types, codecs, encodings and options. The values repeat,
so that there are dictionaries, nulls and pages of one value. TABLE gets PyArrow's columns as an Arrow file, for writers
in other languages.
"""

import datetime as dt
import decimal
import sys
import uuid
from pathlib import Path

import arro3.io
import duckdb
import fastparquet
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 3_000
UTC = dt.timezone.utc
START = dt.datetime(2024, 3, 1, 12, 30, 15, 123456)


def some(value, every=7):
    """A column with nulls."""
    return [None if i % every == 0 else value(i) for i in range(ROWS)]


def arrow_table():
    at = some(lambda i: START + dt.timedelta(microseconds=i * 1_234_567))
    days = some(lambda i: dt.date(1900, 1, 1) + dt.timedelta(days=i * 20))
    money = some(lambda i: decimal.Decimal(i * 37 - 5_000) / 100)
    columns = {
        "id": pa.array(range(ROWS), pa.int64()),
        "bool": pa.array(some(lambda i: i % 3 == 0)),
        "i8": pa.array(some(lambda i: i % 200 - 100), pa.int8()),
        "i16": pa.array(some(lambda i: i * 7 - 10_000), pa.int16()),
        "i32": pa.array(some(lambda i: i * -70_001), pa.int32()),
        "u8": pa.array(some(lambda i: i % 256), pa.uint8()),
        "u16": pa.array(some(lambda i: (i * 31) % 65_536), pa.uint16()),
        "u32": pa.array(some(lambda i: 4_294_967_295 - i), pa.uint32()),
        "u64": pa.array(some(lambda i: 18_446_744_073_709_551_615 - i), pa.uint64()),
        "f16": pa.array(some(lambda i: np.float16(i / 8)), pa.float16()),
        "f32": pa.array(some(lambda i: float("nan") if i % 11 == 0 else i / 3), pa.float32()),
        "f64": pa.array(some(lambda i: [-0.0, float("inf"), i / 7][i % 3])),
        "text": pa.array(some(lambda i: f"näme {i % 50}")),
        "long_text": pa.array(some(lambda i: "x" * (i % 90) + str(i)), pa.large_string()),
        "text_view": pa.array(some(lambda i: str(i)), pa.string_view()),
        "bytes": pa.array(some(lambda i: i.to_bytes(3, "big"))),
        "fixed": pa.array(some(lambda i: i.to_bytes(16, "big")), pa.binary(16)),
        "uuid": pa.array(some(lambda i: uuid.UUID(int=i << 64 | 7).bytes), pa.uuid()),
        "day": pa.array(days, pa.date32()),
        "day64": pa.array(days, pa.date64()),
        "time_ms": pa.array(some(lambda i: dt.time(i % 24, i % 60, 1, 2_000)), pa.time32("ms")),
        "time_us": pa.array(some(lambda i: dt.time(i % 24, i % 60, 1, i)), pa.time64("us")),
        "at_s": pa.array(at, pa.timestamp("us")).cast(pa.timestamp("s"), safe=False),
        "at_ms": pa.array(at, pa.timestamp("us")).cast(pa.timestamp("ms"), safe=False),
        "at_us": pa.array(at, pa.timestamp("us")),
        "at_us_zone": pa.array(at, pa.timestamp("us", "America/New_York")),
        "at_ns": pa.array(at, pa.timestamp("ns")),
        "early": pa.array(some(lambda i: dt.datetime(1850, 1, 1) + dt.timedelta(days=i)), pa.timestamp("us")),
        "dec9": pa.array(money, pa.decimal128(9, 2)),
        "dec18": pa.array(money, pa.decimal128(18, 4)),
        "dec38": pa.array(money, pa.decimal128(38, 10)),
        "category": pa.array(some(lambda i: "abc"[i % 3])).dictionary_encode(),
        "nothing": pa.nulls(ROWS),
        "list": pa.array(some(lambda i: [None, i, i + 1][: i % 4])),
        "list_of_lists": pa.array(some(lambda i: [[i], None, [], [None, i]][: i % 5])),
        "list_of_structs": pa.array(some(lambda i: [{"x": i, "y": str(i)}, {"x": None, "y": None}, None][: i % 4])),
        "fixed_list": pa.array(some(lambda i: [i, i + 1]), pa.list_(pa.int32(), 2)),
        "struct": pa.array(some(lambda i: {"a": i, "b": {"c": None if i % 2 else "c", "d": [i]}})),
        "map": pa.array(
            some(lambda i: [("k", i), ("l", None)][: i % 3]), pa.map_(pa.string(), pa.int64())
        ),
        "duration": pa.array(some(lambda i: dt.timedelta(seconds=i)), pa.duration("us")),
    }
    return pa.table(columns)


def pyarrow_files(out):
    table = arrow_table()
    flat = [field.name for field in table.schema if not pa.types.is_nested(field.type)]
    forms = {
        "default": {},
        "v1-no-dictionary": {"version": "1.0", "use_dictionary": False},
        "v2.4-pages-v2": {"version": "2.4", "data_page_version": "2.0"},
        "int96": {"use_deprecated_int96_timestamps": True},
        "small-pages-index": {"data_page_size": 1_000, "write_page_index": True, "row_group_size": 700},
        "checksums": {"write_page_checksum": True, "data_page_size": 4_000},
        "decimal-integers": {"store_decimal_as_integer": True},
        "no-statistics": {"write_statistics": False, "dictionary_pagesize_limit": 200},
        "not-compliant-lists": {"use_compliant_nested_type": False},
    }
    for name, options in forms.items():
        pq.write_table(table, out / f"pyarrow-{name}.parquet", **options)
    for codec in ["none", "gzip", "zstd", "lz4", "brotli"]:
        pq.write_table(table, out / f"pyarrow-{codec}.parquet", compression=codec, data_page_version="2.0")
    for encoding, columns in ENCODINGS.items():
        for pages in ["1.0", "2.0"]:
            pq.write_table(
                table.select(columns),
                out / f"pyarrow-{encoding}-{pages}.parquet",
                use_dictionary=False,
                column_encoding={column: encoding for column in columns},
                data_page_version=pages,
                data_page_size=2_000,
            )
    pq.write_table(table.select(flat).slice(0, 0), out / "pyarrow-empty.parquet")
    with pq.ParquetWriter(out / "pyarrow-empty-groups.parquet", table.select(flat).schema) as writer:
        writer.write_table(table.select(flat).slice(0, 10))
        writer.write_table(table.select(flat).slice(0, 0))
        writer.write_table(table.select(flat).slice(10, 10))


# Where a table's columns may have these encodings. Not every writer has all of them for each type.
ENCODINGS = {
    "DELTA_BINARY_PACKED": ["id", "i8", "i16", "i32", "u32", "u64", "at_us", "day", "time_us"],
    "DELTA_LENGTH_BYTE_ARRAY": ["text", "long_text", "bytes"],
    "DELTA_BYTE_ARRAY": ["text", "long_text", "bytes", "fixed", "dec38"],
    "BYTE_STREAM_SPLIT": ["f16", "f32", "f64", "i32", "id", "fixed", "dec38"],
    "RLE": ["bool"],
}


def pandas_files(out):
    frame = pd.DataFrame(
        {
            "id": range(ROWS),
            "at": pd.date_range("2024-01-01", periods=ROWS, freq="37s"),
            "at_zone": pd.date_range("2024-01-01", periods=ROWS, freq="37s", tz="Europe/Oslo"),
            "name": pd.Series(some(lambda i: f"n{i % 9}"), dtype="string"),
            "object": some(lambda i: f"o{i}"),
            "category": pd.Categorical(some(lambda i: "xyz"[i % 3])),
            "number": pd.Series(some(lambda i: i), dtype="Int32"),
            "float": some(lambda i: i / 9),
            "flag": pd.Series(some(lambda i: i % 2 == 0), dtype="boolean"),
            "nothing": [None] * ROWS,
        }
    )
    frame.to_parquet(out / "pandas-default.parquet")
    frame.set_index("name").to_parquet(out / "pandas-index.parquet")
    frame.set_index([frame["id"] % 3, frame["name"]]).to_parquet(out / "pandas-multi-index.parquet")
    frame.iloc[::-1].to_parquet(out / "pandas-unnamed-index.parquet")
    frame.drop(columns="nothing").to_parquet(out / "pandas-gzip.parquet", compression="gzip", engine="pyarrow")


def polars_files(out):
    table = arrow_table().drop_columns(["f16", "map", "uuid", "time_ms", "duration", "text_view"])
    frame = pl.from_arrow(table)
    for codec in ["uncompressed", "snappy", "gzip", "lz4", "zstd", "brotli"]:
        frame.write_parquet(out / f"polars-{codec}.parquet", compression=codec)
    frame.write_parquet(out / "polars-small-groups.parquet", row_group_size=500, data_page_size=500)
    frame.lazy().sink_parquet(out / "polars-sink.parquet", statistics="full")
    pl.DataFrame(
        {
            "i128": pl.Series([1, None, 2**100], dtype=pl.Int128),
            "enum": pl.Series(["a", None, "b"], dtype=pl.Enum(["a", "b"])),
            "time": pl.Series([dt.time(1, 2, 3), None, dt.time(4, 5, 6)]),
            "duration": pl.Series([dt.timedelta(seconds=1), None, dt.timedelta(days=1)]),
            "array": pl.Series([[1, 2], None, [3, 4]], dtype=pl.Array(pl.Int16, 2)),
            "null": pl.Series([None, None, None]),
            "list_of_nulls": pl.Series([[None], [], None], dtype=pl.List(pl.Null)),
        }
    ).write_parquet(out / "polars-types.parquet")


DUCKDB_COLUMNS = {
    "id": "i",
    "tiny": "(i % 100)::TINYINT",
    "small": "(i * 3)::USMALLINT",
    "u32": "(4294967295 - i)::UINTEGER",
    "u64": "(18446744073709551615 - i)::UBIGINT",
    "huge": "(i::HUGEINT * 100000000000000000000)",
    "real": "(i / 3.0)::FLOAT",
    "double": "(i / 3.0)::DOUBLE",
    "flag": "i % 2 = 0",
    "text": "'näme ' || (i % 40)",
    "bytes": "('x' || i)::BLOB",
    "bits": "(i::INT)::BIT",
    "dec4": "(i / 100.0)::DECIMAL(4,1)",
    "dec9": "(i / 100.0)::DECIMAL(9,2)",
    "dec18": "(i / 100.0)::DECIMAL(18,4)",
    "dec38": "(i / 100.0)::DECIMAL(38,3)",
    "day": "DATE '2024-01-01' + i::INT",
    "time": "TIME '01:02:03.000004' + to_microseconds(i)",
    "time_ns": "(TIME '01:02:03' + to_microseconds(i))::TIME_NS",
    "time_zone": "(TIME '01:02:03' + to_microseconds(i))::TIMETZ",
    "at": "make_timestamp(1700000000000000 + i)",
    "at_s": "make_timestamp(1700000000000000 + i)::TIMESTAMP_S",
    "at_ms": "make_timestamp(1700000000000000 + i)::TIMESTAMP_MS",
    "at_ns": "make_timestamp(1700000000000000 + i)::TIMESTAMP_NS",
    "at_zone": "make_timestamp(1700000000000000 + i)::TIMESTAMPTZ",
    "interval": "to_days(i::INT)",
    "uuid": "md5('' || i)::UUID",
    "enum": "(['a', 'b', 'c'][1 + i % 3])::ENUM('a', 'b', 'c')",
    "json": "('{\"a\": ' || i || '}')::JSON",
    "list": "[i, NULL, i + 1]",
    "lists": "[[i], NULL, []]",
    "array": "[i, i + 1]::BIGINT[2]",
    "struct": "{'a': i, 'b': {'c': 'x' || i}}",
    "map": "MAP {'k': i}",
    "structs": "[{'a': i}, NULL]",
}


def duckdb_files(out):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    columns = []
    for name, expression in DUCKDB_COLUMNS.items():
        value = f"CASE WHEN i % 7 = 0 THEN NULL ELSE {expression} END AS {name}"
        try:
            connection.execute(f"SELECT {value} FROM range(3) t(i)").fetchall()
            columns.append(value)
        except duckdb.Error as error:
            print(f"duckdb {name}: {error}", file=sys.stderr)
    select = f"SELECT {', '.join(columns)} FROM range({ROWS}) t(i)"
    for version in ["V1", "V2"]:
        for codec in ["uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "brotli"]:
            target = out / f"duckdb-{version}-{codec}.parquet"
            connection.execute(
                f"COPY ({select}) TO '{target}' (FORMAT parquet, CODEC '{codec}', PARQUET_VERSION {version},"
                " ROW_GROUP_SIZE 2048)"
            )


def fastparquet_files(out):
    frame = pd.DataFrame(
        {
            "id": range(ROWS),
            "at": pd.date_range("2024-01-01", periods=ROWS, freq="37s").astype("datetime64[ns]"),
            "name": some(lambda i: f"n{i % 9}"),
            "bytes": some(lambda i: bytes([i % 256])),
            "number": pd.Series(some(lambda i: i), dtype="Int32"),
            "small": np.arange(ROWS, dtype="int16"),
            "unsigned": np.arange(ROWS, dtype="uint8"),
            "float": some(lambda i: i / 9),
            "flag": np.arange(ROWS) % 2 == 0,
            "duration": pd.to_timedelta(np.arange(ROWS), unit="s"),
            "category": pd.Categorical(some(lambda i: "xyz"[i % 3])),
        }
    )
    for name in ["name", "bytes"]:
        frame[name] = frame[name].astype(object)
    for form, options in {
        "default": {},
        "gzip": {"compression": "GZIP"},
        "zstd": {"compression": "ZSTD", "row_group_offsets": 500},
        "lz4": {"compression": "LZ4"},
        "lz4_raw": {"compression": "LZ4_RAW"},
        "brotli": {"compression": "BROTLI"},
        "int96": {"times": "int96"},
        "no-nulls": {"has_nulls": False},
        "no-statistics": {"stats": False},
    }.items():
        try:
            fastparquet.write(str(out / f"fastparquet-{form}.parquet"), frame, **options)
        except Exception as error:
            (out / f"fastparquet-{form}.parquet").unlink(missing_ok=True)
            print(f"fastparquet {form}: {type(error).__name__}: {error}", file=sys.stderr)
            if form == "default":
                for column in frame.columns:
                    try:
                        fastparquet.write(str(out / f"fastparquet-{column}.parquet"), frame[[column]])
                    except Exception as cause:
                        (out / f"fastparquet-{column}.parquet").unlink(missing_ok=True)
                        print(f"fastparquet {column}: {type(cause).__name__}: {cause}", file=sys.stderr)


def parquet_rs_files(out):
    """As delta-rs, iceberg-rust and DataFusion write them."""
    table = arrow_table()
    known = []
    for name in table.schema.names:
        try:
            arro3.io.write_parquet(table.select([name]), out / "trial")
            known.append(name)
        except Exception as error:
            print(f"parquet-rs {name}: {error}", file=sys.stderr)
    (out / "trial").unlink()
    small = {
        "write_batch_size": 50,
        "data_page_row_count_limit": 100,
        "data_page_size_limit": 500,
        "max_row_group_size": 700,
    }
    forms = {
        "default": {},
        "no-dictionary": {"dictionary_enabled": False},
        "small-dictionary": {"dictionary_page_size_limit": 200, "write_batch_size": 100},
        "small-pages": small,
        "short-statistics": small | {"max_statistics_size": 2},
        "bloom": small | {"bloom_filter_enabled": True, "bloom_filter_ndv": ROWS},
        "no-arrow-schema": {"skip_arrow_metadata": True},
    }
    for pages in ["parquet_1_0", "parquet_2_0"]:
        for codec in ["uncompressed", "snappy", "gzip(6)", "zstd(1)", "lz4", "lz4_raw", "brotli(1)"]:
            forms[f"{codec.split('(')[0]}-{pages}"] = {"compression": codec, "writer_version": pages}
        for encoding, columns in ENCODINGS.items():
            arro3.io.write_parquet(
                table.select(columns),
                out / f"parquet-rs-{encoding}-{pages}.parquet",
                encoding=encoding.lower(),
                dictionary_enabled=False,
                writer_version=pages,
                **small,
            )
    table = table.select(known)
    for name, options in forms.items():
        arro3.io.write_parquet(table, out / f"parquet-rs-{name}.parquet", **options)
    for rows in [0, 1, 9]:
        arro3.io.write_parquet(table.slice(0, rows), out / f"parquet-rs-{rows}-rows.parquet")


def main(out, table):
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    columns = arrow_table()
    with pa.ipc.new_file(table, columns.schema) as writer:
        writer.write_table(columns)
    for write in [pyarrow_files, pandas_files, polars_files, duckdb_files, fastparquet_files, parquet_rs_files]:
        write(folder)


main(*sys.argv[1:])
