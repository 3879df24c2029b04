"""How long `to_arrow()` takes for a result of 1,000,000 rows and 12 columns, beside PyArrow reading its files from S3.

eval "$(./firn status --env)" and ./firn sample first, then: python benchmark.py [ROWS] [ROUNDS]
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.fs as fs
import pyarrow.parquet as pq

from firn import Firn

VIEW = "customer_features_benchmark"
rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
random = np.random.default_rng(7)

firn = Firn(progress=False)
firn.register(
    name=VIEW,
    entities=["customer_id"],
    features={"total_orders": "int64", "avg_order_value": "float64"},
    table="iceberg.gold.customer_aggregates",
    timestamp_field="updated_at",
)
days = random.integers(0, 2400, rows) + np.datetime64("1992-01-01")
columns: dict[str, object] = {"customer_id": random.integers(1, 15_000, rows), "event_timestamp": days.astype("M8[us]")}
columns |= {f"number_{n}": random.random(rows) for n in range(4)}
columns |= {f"count_{n}": random.integers(0, 1000, rows) for n in range(3)}
columns |= {"city": pa.array([f"city {n}" for n in random.integers(0, 500, rows)])}

started = time.perf_counter()
job = firn.get_historical_features(pa.table(columns), [f"{VIEW}:*"]).wait(300)
print(f"sent and retrieved {rows:,} rows in {time.perf_counter() - started:.2f} s")

store = fs.S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL_S3"], scheme="http", region="us-east-1")
location = job.result.location.removeprefix("s3://").rstrip("/")
from_store = Firn(progress=False, filesystem=store).job(job.id)
ways: dict[str, Callable[[], pa.Table]] = {
    "PyArrow from S3": lambda: pq.read_table(location, filesystem=store),
    "to_arrow() from S3": from_store.to_arrow,
    "to_arrow() through the gateway": firn.job(job.id).to_arrow,
}
expected = pq.read_table(location, filesystem=store)
seconds: dict[str, list[float]] = {name: [] for name in ways}
for _ in range(rounds):
    for name, read in ways.items():
        started = time.perf_counter()
        table = read()
        seconds[name].append(time.perf_counter() - started)
        assert table.num_rows == rows
        assert table.equals(expected.cast(table.schema))
floor = statistics.median(seconds["PyArrow from S3"])
files = sum(one["bytes"] for one in job.result.raw["files"])
print(f"{table.num_columns} columns, {len(job.result.raw['files'])} files, {files / 1e6:.1f} MB; median of {rounds}")
for name, times in seconds.items():
    print(f"{name:32} {statistics.median(times):6.3f} s  {statistics.median(times) / floor:5.2f} x")
