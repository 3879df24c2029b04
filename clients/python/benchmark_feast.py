"""Feast with its IcebergSource on DuckDB beside Feast with Firn: the same views on the same Iceberg table.

pip install '.[feast]' 'feast[duckdb]==0.67.*', eval "$(./firn status --env)", then:
python benchmark_feast.py [TABLE-ROWS] [ROUNDS]

Each side runs in a process of its own for each number of entity rows. A round is `get_historical_features` with
`to_arrow()`. Memory is the peak of that process beyond what it has after `import feast`; Firn's own processes, which
do the join, are not counted.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CATALOG, SCHEMA = "iceberg", "feast_benchmark"
FEATURES = [f"feature_{n}" for n in range(8)]
START = datetime(2024, 1, 1, tzinfo=timezone.utc)
DAY_MICROS = 86_400_000_000
DAYS = 90
ENTITY_ROWS = [10_000, 100_000]
CHUNK_ROWS = 1_000_000


def times(random: np.random.Generator, rows: int) -> pa.Array:
    micros = random.integers(0, DAYS * DAY_MICROS, rows) + int(START.timestamp()) * 1_000_000
    return pa.array(micros, pa.int64()).cast(pa.timestamp("us", "UTC"))


def create(table: str, rows: int) -> None:
    from pyiceberg.catalog import load_catalog

    catalog = load_catalog(CATALOG)
    catalog.create_namespace_if_not_exists(SCHEMA)
    if catalog.table_exists(f"{SCHEMA}.{table}"):
        return
    random = np.random.default_rng(17)
    made = None
    for start in range(0, rows, CHUNK_ROWS):
        count = min(CHUNK_ROWS, rows - start)
        columns: dict[str, Any] = {
            "customer_id": random.integers(0, rows // 50, count),
            "event_timestamp": times(random, count),
        }
        chunk = pa.table(columns | {name: random.random(count) for name in FEATURES})
        made = made or catalog.create_table(f"{SCHEMA}.{table}", chunk.schema)
        made.append(chunk)


def entities(table_rows: int, rows: int) -> pa.Table:
    random = np.random.default_rng(rows)
    ids = random.integers(0, table_rows // 50, rows)
    return pa.table({"row_id": np.arange(rows), "customer_id": ids, "event_timestamp": times(random, rows)})


def measure(side: str, table: str, table_rows: int, rows: int, rounds: int, result: Path) -> None:
    from feast import Entity, FeatureStore, FeatureView, Field, RepoConfig
    from feast.infra.data_sources.contrib.iceberg_catalog.iceberg_source import IcebergSource
    from feast.types import Float64
    from feast.value_type import ValueType

    before = memory("VmRSS")
    # resets the peak
    Path("/proc/self/clear_refs").write_text("5")
    prefix = f"PYICEBERG_CATALOG__{CATALOG.upper()}__"
    warehouse = os.environ[prefix + "WAREHOUSE"]
    properties = {"uri": os.environ[prefix + "URI"], "s3.endpoint": os.environ[prefix + "S3__ENDPOINT"]}
    source = IcebergSource(
        name="facts",
        warehouse=warehouse,
        namespace=SCHEMA,
        table=table,
        catalog_type="sql",
        catalog_name=CATALOG,
        catalog_properties=properties,
        timestamp_field="event_timestamp",
    )
    customer = Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.INT64)
    view = FeatureView(
        name="facts",
        entities=[customer],
        ttl=timedelta(days=DAYS),
        schema=[Field(name=name, dtype=Float64) for name in FEATURES],
        source=source,
    )
    with tempfile.TemporaryDirectory() as folder:
        firn = {"type": "firn.feast.FirnOfflineStore", "catalogs": {warehouse: CATALOG}}
        store = FeatureStore(
            config=RepoConfig(
                project="benchmark",
                registry=f"{folder}/registry.db",
                provider="firn.feast.FirnProvider" if side == "firn" else "local",
                offline_store=firn if side == "firn" else {"type": "duckdb"},
                online_store={"type": "sqlite", "path": f"{folder}/online.db"},
                entity_key_serialization_version=3,
            )
        )
        store.apply([customer, view])
        seconds = []
        for _ in range(rounds):
            frame = entities(table_rows, rows).to_pandas()
            started = time.perf_counter()
            found = store.get_historical_features(frame, [f"facts:{name}" for name in FEATURES]).to_arrow()
            seconds.append(time.perf_counter() - started)
        # drops the view in Firn
        store.teardown()
        pq.write_table(found, result)
    print(json.dumps({"seconds": seconds, "megabytes": memory("VmHWM") - before}))


def memory(what: str) -> float:
    """Of this process, in megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


def compare(table_rows: int, rounds: int) -> None:
    table = f"facts_{table_rows}"
    create(table, table_rows)
    print(f"{table_rows:,} rows of {len(FEATURES)} features; medians of {rounds} rounds")
    with tempfile.TemporaryDirectory() as folder:
        for rows in ENTITY_ROWS:
            found, results = {}, {}
            for side in ("duckdb", "firn"):
                result = Path(folder, f"{side}.parquet")
                arguments = ["measure", side, table, table_rows, rows, rounds, result]
                command = [sys.executable, __file__, *map(str, arguments)]
                output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                found[side] = json.loads(output.splitlines()[-1])
                results[side] = pq.read_table(result).sort_by("row_id").select(["row_id", *FEATURES])
            assert results["firn"].equals(results["duckdb"].cast(results["firn"].schema)), "the rows differ"
            duckdb, firn = found["duckdb"], found["firn"]
            times = [statistics.median(one["seconds"]) for one in (duckdb, firn)]
            print(
                f"{rows:,} entity rows: DuckDB {times[0]:.2f} s and {duckdb['megabytes']:,.0f} MB, "
                f"Firn {times[1]:.2f} s and {firn['megabytes']:,.0f} MB: {times[0] / times[1]:.1f} times as fast, "
                f"{firn['megabytes'] / duckdb['megabytes']:.2f} of the memory; "
                f"rows equal, {results['firn'][FEATURES[0]].null_count:,} without a match; "
                f"first rounds {duckdb['seconds'][0]:.2f} s and {firn['seconds'][0]:.2f} s"
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        side, table, table_rows, rows, rounds, result = sys.argv[2:]
        measure(side, table, int(table_rows), int(rows), int(rounds), Path(result))
    else:
        compare(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
