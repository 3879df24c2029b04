"""Writes tables by DuckDB through an Iceberg REST catalog and prints each one's name and how many rows DuckDB reads.

The catalog, the store and the schema come from FIRN_* variables. Every table has a key as its first column and a
timestamp as its second.
"""

import importlib
import os
from pathlib import Path

import duckdb

SCHEMA = os.environ["FIRN_SCHEMA"]
LAKE = f"lake.{SCHEMA}"

db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
for name in ("httpfs", "avro", "iceberg"):
    package = Path(importlib.import_module(f"duckdb_extension_{name}").__file__).parent
    db.load_extension(str(package / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"))
endpoint = os.environ["FIRN_S3_ENDPOINT"].removeprefix("http://")
db.execute(
    f"""
    CREATE SECRET store (TYPE s3, KEY_ID '{os.environ["AWS_ACCESS_KEY_ID"]}', SECRET '{os.environ["AWS_SECRET_ACCESS_KEY"]}',
      REGION '{os.environ["AWS_REGION"]}', ENDPOINT '{endpoint}', URL_STYLE 'path', USE_SSL false);
    CREATE SECRET catalog (TYPE iceberg, TOKEN '{os.environ["FIRN_REST_TOKEN"]}');
    ATTACH 'lake' AS lake (TYPE iceberg, ENDPOINT '{os.environ["FIRN_REST_URI"]}', SECRET catalog,
      ACCESS_DELEGATION_MODE 'none', STAGE_CREATE_TABLES false, DISABLE_MULTI_TABLE_COMMIT true);
    SET timezone = 'UTC';
    """
)

COLUMNS = """
    id BIGINT, ts TIMESTAMPTZ, region VARCHAR, total INTEGER, ratio FLOAT, score DOUBLE, amount DECIMAL(9, 2),
    big DECIMAL(38, 6), raw BLOB, flag BOOLEAN, day DATE, "at" TIME, local TIMESTAMP, uid UUID, list INTEGER[],
    counts MAP(VARCHAR, BIGINT), place STRUCT(x INTEGER, y VARCHAR)"""


def rows(begin, end):
    """Every column holds nulls here and there."""
    return f"""
        SELECT n % 97, if(n % 41 = 0, NULL, TIMESTAMPTZ '2024-03-01 00:00:00.000001+00' + n * INTERVAL 61 MINUTE),
          ['eu', 'us', 'ключ', NULL][n % 4 + 1], if(n % 11 = 0, NULL, n), if(n % 9 = 0, 'nan'::FLOAT, n / 7),
          if(n % 9 = 0, '-0'::DOUBLE, n / 7), if(n % 19 = 0, NULL, (n - 50) / 4), -n * 1234567890123,
          if(n % 17 = 0, NULL, encode('raw' || n)), if(n % 7 = 0, NULL, n % 3 = 0),
          DATE '1970-01-01' + (400 * (n % 3) - 600)::INTEGER, TIME '00:00:00.000001' + to_seconds(97 * n % 80000),
          TIMESTAMP '1969-12-31 23:00:00.999999' + to_seconds(97 * n),
          (['10', '50', 'f0'][n % 3 + 1] || '000000-0000-4000-8000-00000000000' || n % 9)::UUID,
          if(n % 5 = 0, NULL, [n, NULL, 2]), if(n % 6 = 0, NULL, MAP {{'k': n, 'l': NULL}}),
          if(n % 8 = 0, NULL, {{'x': n, 'y': 'y' || n}})
        FROM range({begin}, {end}) AS t(n)"""


def create(name, more=""):
    db.execute(f"CREATE TABLE {LAKE}.{name} ({COLUMNS}) {more}")


def insert(name, begin, end):
    db.execute(f"INSERT INTO {LAKE}.{name} {rows(begin, end)}")


def done(name):
    count = db.execute(f"SELECT count(*) FROM {LAKE}.{name} WHERE ts IS NOT NULL").fetchone()[0]
    print(name, count, flush=True)


def inserts():
    create("inserts")
    insert("inserts", 0, 300)
    insert("inserts", 300, 350)
    done("inserts")


def deletes():
    create("deletes")
    insert("deletes", 0, 200)
    insert("deletes", 200, 300)
    db.execute(f"DELETE FROM {LAKE}.deletes WHERE id % 10 = 3")
    db.execute(f"DELETE FROM {LAKE}.deletes WHERE region = 'eu' AND total > 100")
    done("deletes")


def updates():
    create("updates")
    insert("updates", 0, 200)
    db.execute(f"UPDATE {LAKE}.updates SET total = total + 1000, region = NULL WHERE id % 7 = 0")
    db.execute(f"DELETE FROM {LAKE}.updates WHERE id < 5")
    insert("updates", 200, 250)
    db.execute(f"UPDATE {LAKE}.updates SET amount = 0.25 WHERE region = 'us'")
    done("updates")


def codecs():
    create("codecs")
    for i, codec in enumerate(("zstd", "snappy", "gzip", "uncompressed")):
        db.execute(f"CALL set_iceberg_table_properties({LAKE}.codecs, {{'write.parquet.compression-codec': '{codec}'}})")
        insert("codecs", 100 * i, 100 * i + 100)
    done("codecs")


def partitions():
    for name, spec in {"by_region": "region", "by_day_and_bucket": "day(ts), bucket(3, id)", "by_truncate": "truncate(2, region)"}.items():
        create(name, f"PARTITIONED BY ({spec})")
        insert(name, 0, 120)
        insert(name, 120, 160)
        db.execute(f"DELETE FROM {LAKE}.{name} WHERE id % 10 = 3")
        db.execute(f"UPDATE {LAKE}.{name} SET total = total + 1000 WHERE id % 7 = 0")
        done(name)


def third_format():
    create("third_format", "WITH ('format-version' = '3')")
    insert("third_format", 0, 200)
    db.execute(f"DELETE FROM {LAKE}.third_format WHERE id % 10 = 3")
    db.execute(f"DELETE FROM {LAKE}.third_format WHERE id % 10 = 4")
    db.execute(f"UPDATE {LAKE}.third_format SET total = total + 1000 WHERE id % 7 = 0")
    insert("third_format", 200, 220)
    done("third_format")


def evolution():
    create("evolution")
    insert("evolution", 0, 150)
    for change in (
        "ADD COLUMN note VARCHAR",
        "RENAME COLUMN total TO sum_total",
        "ALTER COLUMN sum_total TYPE BIGINT",
        "ALTER COLUMN ratio TYPE DOUBLE",
        "DROP COLUMN raw",
    ):
        db.execute(f"ALTER TABLE {LAKE}.evolution {change}")
    some = """SELECT n AS id, TIMESTAMPTZ '2024-03-02 00:00:00+00' + n * INTERVAL 1 HOUR AS ts, 'note ' || n AS note,
        n * 10000000000 AS sum_total, 'eu' AS region FROM range(50) AS t(n)"""
    db.execute(f"INSERT INTO {LAKE}.evolution BY NAME {some}")
    merge = f"MERGE INTO {LAKE}.evolution t USING (SELECT unnest([3, 5, 9])::BIGINT AS id) s ON t.id = s.id WHEN MATCHED"
    db.execute(f"{merge} AND s.id = 5 THEN DELETE")
    db.execute(f"{merge} THEN UPDATE SET note = 'merged'")
    db.execute(f"ALTER TABLE {LAKE}.evolution SET PARTITIONED BY (region)")
    db.execute(f"INSERT INTO {LAKE}.evolution BY NAME {some}")
    done("evolution")


for case in (inserts, deletes, updates, codecs, partitions, third_format, evolution):
    case()
