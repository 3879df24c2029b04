"""Compares the digests of this client with those of the services: python test_digest.py"""

import json
import pathlib
from datetime import datetime

from firn_digest import request_digest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "schemas/src/main/resources/released"
INSTANTS = {"as_of", "snapshot_as_of", "created_at", "updated_at"}


def revived(value, key=None):
    """The vectors write instants as text, as Firn's own JSON does; an Avro serializer takes a datetime."""
    if isinstance(value, dict):
        return {name: revived(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [revived(item) for item in value]
    return datetime.fromisoformat(value.replace("Z", "+00:00")) if key in INSTANTS and value else value


vectors = json.loads((ROOT / "clients/request-digests.json").read_text())
for vector in vectors:
    for release in ("v1", "v2"):
        schema = (SCHEMAS / release / f"{vector['event']}.avsc").read_text()
        found = request_digest(schema, revived(vector["request"]))
        assert found == vector["digest"], f"{vector['what']}, schema {release}: {found}"
print(f"{len(vectors)} digests are those of the services")
