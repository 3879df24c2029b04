"""Reads a table by PyIceberg, and prints its rows as one JSON array a line, in the order of the first column.

Then prints the ids of the rows whose id is greater than 1, and what the current snapshot says of its run.
"""

import json
import os

from pyiceberg.catalog import load_catalog
from pyiceberg.expressions import GreaterThan

table = load_catalog(
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
).load_table(os.environ["FIRN_TABLE"])

for row in sorted(table.scan().to_arrow().to_pylist(), key=lambda row: row["id"]):
    print(json.dumps(list(row.values()), default=str))
print(json.dumps(sorted(table.scan(row_filter=GreaterThan("id", 1)).to_arrow()["id"].to_pylist())))
summary = table.current_snapshot().summary
print(json.dumps([summary["firn.request-id"], summary["firn.run"], len(table.snapshots())]))
