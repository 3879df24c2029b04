"""By events: registers a feature view, retrieves features for three rows and reads them with pandas."""

import os
import sys
import uuid

import pandas as pd

from firn.kafka import ask

view = os.environ.get("FIRN_EXAMPLE_VIEW", "customer_features")

registered = ask(
    "registration-requests",
    view,
    {
        "request_id": f"python-{uuid.uuid4()}",
        "name": view,
        "entities": ["customer_id"],
        "features": [
            {"name": "total_orders", "dtype": "int64"},
            {"name": "avg_order_value", "dtype": "float64"},
        ],
        "source": {
            "catalog": "iceberg",
            "schema": os.environ.get("GOLD_SCHEMA", "gold"),
            "table_name": "customer_aggregates",
            "timestamp_field": "updated_at",
        },
        "online": False,
    },
    "registration-results",
)
print(registered["status"], registered["message"])
if registered["status"] not in ("REGISTERED", "UPDATED", "UNCHANGED"):
    sys.exit(f"rejected: {registered['violations']}")

request_id = f"python-{uuid.uuid4()}"
result = ask(
    "retrieval-requests",
    request_id,
    {
        "request_id": request_id,
        "spine": {
            "kind": "ROWS",
            "columns": ["customer_id", "event_timestamp"],
            "rows": [["1", "1996-01-01T00:00:00Z"], ["2", "1998-08-02T00:00:00Z"], ["-1", "1998-08-02T00:00:00Z"]],
        },
        "features": [f"{view}:total_orders", f"{view}:avg_order_value"],
    },
    "retrieval-results",
)
print(result["status"], result["message"], result["location"])
if result["status"] != "SUCCEEDED":
    sys.exit(f"failed: {result['code']} {result['violations']}")

features = pd.read_parquet(result["location"], dtype_backend="pyarrow")
print(features)

if list(features["customer_id"]) != [1, 2, -1] or not pd.isna(features["total_orders"][2]):
    sys.exit(f"unexpected rows: {features}")
