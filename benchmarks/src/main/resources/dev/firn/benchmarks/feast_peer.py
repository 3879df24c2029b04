"""Feast over the same Iceberg table: IcebergSource, DuckDB offline store, result in Parquet with zstd.

feast_peer.py REPO CATALOG_URI WAREHOUSE TABLE SPINE RESULTS RUNS KEY TYPES FEATURES TTL_MICROS
"""

import os
import resource
import sys
import time
from datetime import timedelta

import pandas as pd
import pyarrow.parquet as pq
from feast import Entity, FeatureStore, FeatureView, Field
from feast.infra.data_sources.contrib.iceberg_catalog.iceberg_source import IcebergSource
from feast.repo_config import RepoConfig
from feast.types import Float64, Int32, Int64, String
from feast.value_type import ValueType

# as in RunLoop
MIN_SECONDS = 5
SLOW_SECONDS = 30
TYPES = {"double": Float64, "long": Int64, "int": Int32, "string": String}


def continues(run, runs, seconds):
    """As RunLoop.continues."""
    if run < min(runs, 2):
        return True
    return seconds < SLOW_SECONDS if run < runs else runs > 1 and seconds < MIN_SECONDS


def main(repo, uri, warehouse, table, spine, results, runs, keys, key_types, features, ttl):
    os.makedirs(repo, exist_ok=True)
    store = FeatureStore(
        config=RepoConfig(
            project="bench",
            registry=os.path.join(repo, "registry.db"),
            provider="local",
            offline_store={"type": "duckdb"},
            online_store={"type": "sqlite", "path": os.path.join(repo, "online.db")},
            entity_key_serialization_version=3,
        )
    )
    source = IcebergSource(
        name="facts_source",
        warehouse=warehouse,
        namespace="bench",
        table=table,
        catalog_type="sql",
        catalog_name="bench",
        catalog_properties={"uri": uri},
        timestamp_field="event_timestamp",
    )
    entities = [
        Entity(name=key, join_keys=[key], value_type=ValueType.INT64 if kind == "long" else ValueType.STRING)
        for key, kind in zip(keys, key_types)
    ]
    view = FeatureView(
        name="facts",
        entities=entities,
        ttl=timedelta(microseconds=ttl) if ttl else timedelta(0),
        schema=[Field(name=name, dtype=TYPES[kind]) for name, kind in features],
        source=source,
        online=False,
    )
    store.apply([*entities, view])
    names = ["facts:" + name for name, _ in features]
    first, run = time.perf_counter(), 0
    while continues(run, runs, time.perf_counter() - first):
        run += 1
        read, cpu, started_at = process_read(), cpu_seconds(), time.perf_counter()
        frame = pq.read_table(spine).to_pandas()
        answer = store.get_historical_features(entity_df=frame, features=names).to_arrow()
        pq.write_table(
            answer,
            os.path.join(results, f"run-{run}.parquet"),
            compression="zstd",
            compression_level=3,
            row_group_size=1 << 20,
        )
        print(
            f"RUN {time.perf_counter() - started_at:.4f} {cpu_seconds() - cpu:.4f} {process_read() - read}",
            flush=True,
        )


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def process_read():
    try:
        with open("/proc/self/io", encoding="ascii") as counts:
            return next(int(line.split()[1]) for line in counts if line.startswith("rchar"))
    except OSError:
        return 0


if __name__ == "__main__":
    repo, uri, warehouse, table, spine, results, runs, keys, key_types, features, ttl = sys.argv[1:]
    pd.set_option("mode.copy_on_write", True)
    main(
        repo,
        uri,
        warehouse,
        table,
        spine,
        results,
        int(runs),
        keys.split(","),
        key_types.split(","),
        [tuple(feature.split(":")) for feature in features.split(",")],
        int(ttl),
    )
