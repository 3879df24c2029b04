"""The fingerprint of a request, which its result carries as `request_digest`.

The id says which request a result answers, the digest what was asked. Two programs that take one id by mistake ask for
different things, so take the first result that has both. A cancelled id has one answer for all: CANCELLED, without a
digest. The rules are in docs/request-digest.md; the vectors in clients/request-digests.json test them.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sized
from datetime import datetime, timedelta, timezone
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_Types = dict[str, Mapping[str, Any]]
_NOT_DIGESTED: dict[str, set[str]] = {
    "RegistrationRequest": {"request_id"},
    "RetrievalRequest": {"request_id", "deadline", "previous_run"},
    "StandingRequest": {"request_id"},
}


def request_digest(schema: str | Mapping[str, Any], request: Mapping[str, Any]) -> str:
    """Returns 64 hexadecimal digits. `schema` is the request's Avro schema, as JSON text or parsed."""
    parsed = json.loads(schema) if isinstance(schema, str) else schema
    types: _Types = {}
    _name_types(parsed, types)
    return hashlib.sha256(_value(parsed, request, types)).hexdigest()


def _name_types(schema: Any, types: _Types) -> None:
    if isinstance(schema, list):
        for branch in schema:
            _name_types(branch, types)
    elif isinstance(schema, dict):
        if "name" in schema:
            types[schema["name"].rsplit(".")[-1]] = schema
        for part in [schema.get("type"), schema.get("items"), schema.get("values")]:
            _name_types(part, types)
        for field in schema.get("fields", []):
            _name_types(field["type"], types)


def _value(schema: Any, value: Any, types: _Types) -> bytes:
    """Each value starts with a tag of its type, each text and collection with its length: no two share a form."""
    if value is None:
        return b"n"
    if isinstance(schema, list):
        return _value(next(branch for branch in schema if branch != "null"), value, types)
    if isinstance(schema, str):
        schema = types.get(schema.rsplit(".")[-1], {"type": schema})
    kind = schema["type"]
    if not isinstance(kind, str):
        return _value(kind, value, types)
    if kind == "record":
        return _record(schema, value, types)
    if kind == "string":
        return b"s" + _text(value)
    if kind == "enum":
        return b"e" + _text(value)
    if kind == "boolean":
        return b"t" if value else b"f"
    if kind in ("int", "long"):
        return b"i" + struct.pack(">q", _micros(value) if isinstance(value, datetime) else value)
    if kind == "array":
        return b"a" + _count(value) + b"".join(_value(schema["items"], item, types) for item in value)
    if kind == "map":
        # Java and JavaScript sort text by its UTF-16 units
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return b"m" + _count(keys) + b"".join(_text(key) + _value(schema["values"], value[key], types) for key in keys)
    raise TypeError(f"requests have no {kind}")


def _record(schema: Mapping[str, Any], record: Mapping[str, Any], types: _Types) -> bytes:
    """The fields sorted by name, without those that equal their defaults, and without a request's id and deadline."""
    parts = [b"r"]
    not_digested = _NOT_DIGESTED.get(schema["name"].rsplit(".")[-1], set())
    for field in sorted(schema["fields"], key=lambda field: field["name"]):
        name = field["name"]
        if name in not_digested:
            continue
        if "default" in field:
            value = _value(field["type"], record.get(name, field["default"]), types)
            if value == _value(field["type"], field["default"], types):
                continue
        else:
            value = _value(field["type"], record[name], types)
        parts.append(b"." + _text(name) + value)
    return b"".join(parts) + b";"


def _text(text: str) -> bytes:
    utf8 = text.encode()
    return _count(utf8) + utf8


def _count(items: Sized) -> bytes:
    return struct.pack(">i", len(items))


def _micros(instant: datetime) -> int:
    return (instant.astimezone(timezone.utc) - _EPOCH) // timedelta(microseconds=1)
