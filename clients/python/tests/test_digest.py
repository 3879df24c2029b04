"""Compares the digests of this client with those of the services."""

from __future__ import annotations

import json
import pathlib
from datetime import datetime
from typing import Any

import pytest

from firn.kafka import request_digest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCHEMAS = ROOT / "schemas/src/main/resources/released"
INSTANTS = {"as_of", "snapshot_as_of", "created_at", "updated_at"}
VECTORS = json.loads((ROOT / "clients/request-digests.json").read_text())


def revived(value: Any, key: str | None = None) -> Any:
    """The vectors write instants as text, as Firn's own JSON does; an Avro serializer takes a datetime."""
    if isinstance(value, dict):
        return {name: revived(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [revived(item) for item in value]
    return datetime.fromisoformat(value.replace("Z", "+00:00")) if key in INSTANTS and value else value


@pytest.mark.parametrize("release", ["v1", "v2"])
@pytest.mark.parametrize("vector", VECTORS, ids=[vector["what"] for vector in VECTORS])
def test_digests_are_those_of_the_services(vector: dict[str, Any], release: str) -> None:
    schema = (SCHEMAS / release / f"{vector['event']}.avsc").read_text()
    assert request_digest(schema, revived(vector["request"])) == vector["digest"]


def test_a_deadline_is_not_part_of_the_digest() -> None:
    vector = next(vector for vector in VECTORS if vector["event"] == "RetrievalRequest")
    schema = (SCHEMAS / "v2" / "RetrievalRequest.avsc").read_text()
    late = revived(vector["request"]) | {"deadline": datetime.fromisoformat("2030-01-01T00:00:00+00:00")}
    assert request_digest(schema, late) == vector["digest"]
