"""Writes tables by PyIceberg, each a case of its own, and prints each one's name and how many rows PyIceberg reads.

The catalog, the store and the schema come from FIRN_* variables. Every table has a key as its first column and a
timestamp as its second.
"""

import os
import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog import load_catalog
from pyiceberg.expressions import EqualTo, GreaterThanOrEqual, LessThan, StartsWith
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    HourTransform,
    IdentityTransform,
    MonthTransform,
    TruncateTransform,
    YearTransform,
)
from pyiceberg.types import DecimalType, DoubleType, IntegerType, LongType, NestedField, StringType

SCHEMA = os.environ["FIRN_SCHEMA"]
CATALOG = load_catalog(
    os.environ["FIRN_CATALOG"],
    **{
        "type": "sql",
        "uri": os.environ["FIRN_CATALOG_URI"],
        "init_catalog_tables": "false",
        "warehouse": os.environ["FIRN_WAREHOUSE"],
        "s3.endpoint": os.environ["FIRN_S3_ENDPOINT"],
        "s3.region": os.environ["AWS_REGION"],
        "s3.access-key-id": os.environ["AWS_ACCESS_KEY_ID"],
        "s3.secret-access-key": os.environ["AWS_SECRET_ACCESS_KEY"],
    },
)
START = datetime(2024, 3, 1, 0, 0, 0, 1, tzinfo=timezone.utc)

TYPES = pa.schema(
    [
        ("id", pa.int64()),
        ("ts", pa.timestamp("us", tz="UTC")),
        ("region", pa.string()),
        ("total", pa.int32()),
        ("ratio", pa.float32()),
        ("score", pa.float64()),
        ("amount", pa.decimal128(9, 2)),
        ("big", pa.decimal128(38, 6)),
        ("raw", pa.binary()),
        ("code", pa.binary(5)),
        ("flag", pa.bool_()),
        ("day", pa.date32()),
        ("at", pa.time64("us")),
        ("local", pa.timestamp("us")),
        ("list", pa.list_(pa.int32())),
        ("counts", pa.map_(pa.string(), pa.int64())),
        ("place", pa.struct([("x", pa.int32()), ("y", pa.string())])),
        ("places", pa.list_(pa.struct([("name", pa.string()), ("floors", pa.list_(pa.int64()))]))),
    ]
)
NARROW = pa.schema([TYPES.field(name) for name in ("id", "ts", "region", "total", "day")])


def row(n):
    """A row of all types; every column holds nulls here and there."""

    def some(every, value):
        return None if n % every == 0 else value

    return {
        "id": n % 97,
        "ts": some(41, START + timedelta(minutes=61 * n)),
        "region": [None, "eu", "us", "ключ"][n % 4],
        "total": some(11, n),
        "ratio": some(23, float("nan") if n % 9 == 0 else n / 7),
        "score": some(13, -0.0 if n % 9 == 0 else n / 7),
        "amount": some(19, Decimal(n - 50) / 4),
        "big": Decimal(-n * 1234567890123),
        "raw": some(17, b"raw" + bytes([n % 256])),
        "code": some(29, n.to_bytes(5, "big")),
        "flag": some(7, n % 3 == 0),
        "day": some(31, date(1970, 1, 1) + timedelta(days=400 * (n % 3) - 600)),
        "at": some(37, time(n % 24, n % 60, 1, n % 1000)),
        "local": some(5, datetime(1969, 12, 31, 23, 0, 0, 999999) + timedelta(seconds=97 * n)),
        "list": some(5, [n, None, 2][: n % 4]),
        "counts": some(6, [("k", n), ("l", None)]),
        "place": some(8, {"x": n, "y": None if n % 3 == 0 else f"y{n}"}),
        "places": some(9, [{"name": f"p{n}", "floors": [n, 1]}, {"name": None, "floors": None}][: n % 3]),
    }


def rows(begin, end, schema=TYPES):
    return pa.Table.from_pylist(
        [{name: value for name, value in row(n).items() if name in schema.names} for n in range(begin, end)],
        schema=schema,
    )


def create(name, schema=TYPES, spec=(), version=2, **properties):
    """`spec`: pairs of a column and a transform."""
    table = CATALOG.create_table(
        f"{SCHEMA}.{name}",
        schema=schema,
        location=f"{os.environ['FIRN_WAREHOUSE']}/{SCHEMA}/{name}",
        properties={"format-version": str(version), **{key.replace("_", "-"): str(value) for key, value in properties.items()}},
    )
    if spec:
        with table.update_spec() as update:
            for column, transform in spec:
                update.add_field(column, transform)
    return table


def done(table):
    table.refresh()
    print(table.name()[-1], table.scan(row_filter="ts IS NOT NULL").to_arrow().num_rows, flush=True)


def appends():
    table = create("appends")
    table.append(rows(0, 300))
    table.append(rows(300, 350))
    done(table)


def codecs():
    table = create("codecs", **{"write.parquet.row-group-limit": 100, "write.parquet.page-row-limit": 20})
    for i, codec in enumerate(("zstd", "snappy", "gzip", "uncompressed")):
        with table.transaction() as transaction:
            transaction.set_properties({"write.parquet.compression-codec": codec})
        table.append(rows(300 * i, 300 * i + 300))
    done(table)


def lz4():
    table = create("lz4", **{"write.parquet.compression-codec": "lz4", "write.parquet.row-group-limit": 100})
    table.append(rows(0, 300))
    done(table)


def partitions():
    for name, spec in {
        "by_region": [("region", IdentityTransform())],
        "by_day_identity": [("day", IdentityTransform()), ("flag", IdentityTransform())],
        "by_day": [("ts", DayTransform())],
        "by_month_and_bucket": [("ts", MonthTransform()), ("id", BucketTransform(3))],
        "by_hour_of_local": [("local", HourTransform())],
        "by_year_and_truncate": [("day", YearTransform()), ("region", TruncateTransform(1))],
        "by_truncated_numbers": [("total", TruncateTransform(50)), ("amount", TruncateTransform(1000))],
    }.items():
        table = create(name, spec=spec)
        table.append(rows(0, 120))
        table.append(rows(100, 160))
        table.delete(EqualTo("id", 7))
        done(table)


def evolution():
    table = create("evolution")
    table.append(rows(0, 100))
    with table.update_schema() as update:
        update.add_column("note", StringType())
        update.add_column(("place", "z"), LongType())
        update.rename_column("total", "sum_total")
        update.rename_column("place.x", "easting")
        update.delete_column("raw")
        update.move_after("score", "id")
        update.move_first("region")
    with table.update_schema() as update:
        update.update_column("sum_total", LongType())
        update.update_column("ratio", DoubleType())
        update.update_column("amount", DecimalType(19, 2))
        update.update_column("place.easting", LongType())
        update.add_column("raw", IntegerType())
    schema = table.schema().as_arrow()
    table.append(
        pa.Table.from_pylist(
            [
                {
                    "id": n,
                    "ts": START + timedelta(hours=n),
                    "sum_total": n * 10_000_000_000,
                    "note": f"note {n}",
                    "raw": n,
                    "place": {"easting": n * 10_000_000_000, "y": "y", "z": n},
                    "amount": Decimal(n) * 1_000_000_000,
                }
                for n in range(100)
            ],
            schema=schema,
        )
    )
    table.delete(EqualTo("note", "note 7"))
    done(table)


def spec_evolution():
    table = create("spec_evolution", schema=NARROW, spec=[("region", IdentityTransform())])
    table.append(rows(0, 80, NARROW))
    with table.update_spec() as update:
        update.remove_field("region")
        update.add_field("ts", DayTransform())
    table.append(rows(80, 160, NARROW))
    with table.update_spec() as update:
        update.add_field("id", BucketTransform(2))
    table.append(rows(160, 220, NARROW))
    table.delete(EqualTo("region", "eu"))
    done(table)


def rewrites():
    table = create("rewrites", schema=NARROW)
    table.append(rows(0, 100, NARROW))
    table.append(rows(100, 200, NARROW))
    table.delete(LessThan("total", 30))
    table.overwrite(rows(500, 520, NARROW), overwrite_filter=EqualTo("region", "us"))
    table.delete(StartsWith("region", "к"))
    table.overwrite(rows(0, 60, NARROW))
    table.delete(GreaterThanOrEqual("id", 50))
    done(table)


def partition_overwrites():
    table = create("partition_overwrites", schema=NARROW, spec=[("region", IdentityTransform())])
    table.append(rows(0, 100, NARROW))
    replaced = rows(200, 300, NARROW)
    table.dynamic_partition_overwrite(replaced.filter(pa.compute.equal(replaced["region"], "eu")))
    table.delete(EqualTo("region", "us"))
    done(table)


def upserts():
    table = create("upserts", schema=NARROW)
    table.append(rows(0, 90, NARROW))
    table.upsert(rows(97 * 4 + 60, 97 * 4 + 97, NARROW), join_cols=["id"])
    table.upsert(rows(97 * 9, 97 * 9 + 20, NARROW), join_cols=["id"])
    done(table)


def added_files():
    """Files without field ids, their columns in another order than the table's."""
    table = create("added_files", schema=TYPES)
    shuffled = pa.schema([TYPES.field(name) for name in reversed(TYPES.names)])
    paths = []
    for i, options in enumerate(
        (
            {"compression": "snappy", "row_group_size": 40},
            {"compression": "gzip", "use_dictionary": False, "data_page_version": "2.0"},
            {"compression": "zstd", "data_page_size": 512, "write_page_index": True},
            {"compression": "none", "store_schema": False, "column_encoding": "DELTA"},
        )
    ):
        path = f"{table.location()}/elsewhere/{i}.parquet"
        if options.pop("column_encoding", None):
            options["use_dictionary"] = False
            options["column_encoding"] = {
                "id": "DELTA_BINARY_PACKED",
                "ts": "DELTA_BINARY_PACKED",
                "region": "DELTA_BYTE_ARRAY",
                "raw": "DELTA_LENGTH_BYTE_ARRAY",
                "ratio": "BYTE_STREAM_SPLIT",
                "score": "BYTE_STREAM_SPLIT",
            }
        with table.io.new_output(path).create() as out:
            pq.write_table(rows(120 * i, 120 * i + 120, shuffled), out, **options)
        paths.append(path)
    table.add_files(paths[:2])
    table.add_files(paths[2:])
    with table.update_schema() as update:
        update.rename_column("total", "sum_total")
        update.delete_column("score")
    with table.update_schema() as update:
        update.update_column("sum_total", LongType())
        update.add_column("remark", StringType())
    table.delete(EqualTo("id", 11))
    done(table)


def added_files_of_partitions():
    table = create("added_files_of_partitions", schema=NARROW, spec=[("region", IdentityTransform())])
    for region in ("eu", "us"):
        of = rows(0, 120, NARROW)
        path = f"{table.location()}/elsewhere/region={region}.parquet"
        with table.io.new_output(path).create() as out:
            pq.write_table(of.filter(pa.compute.equal(of["region"], region)), out)
        table.add_files([path])
    done(table)


def first_format():
    table = create("first_format", spec=[("region", IdentityTransform())], version=1)
    table.append(rows(0, 100))
    with table.update_schema() as update:
        update.add_column("note", StringType())
    table.append(rows(100, 150))
    table.delete(EqualTo("id", 3))
    done(table)


def refs():
    table = create("refs", schema=NARROW)
    table.append(rows(0, 100, NARROW))
    first = table.current_snapshot().snapshot_id
    table.manage_snapshots().create_tag(first, "v1").create_branch(first, "audit").commit()
    table.append(rows(100, 120, NARROW))
    table.append(rows(200, 210, NARROW), branch="audit")
    table.delete(EqualTo("region", "eu"), branch="audit")
    done(table)


for case in (
    appends,
    codecs,
    lz4,
    partitions,
    evolution,
    spec_evolution,
    rewrites,
    partition_overwrites,
    upserts,
    added_files,
    added_files_of_partitions,
    first_format,
    refs,
):
    case()
