"""The bodies of requests, without what has its default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from ._spine import Spine


def retrieval(
    spine: Spine, features: Sequence[str], *, spine_fields: Mapping[str, Any], **fields: Any
) -> dict[str, Any]:
    """A RetrievalRequest of docs/events.md."""
    return {
        "spine": {**spine.request, **given(spine_fields)},
        "features": texts("features", features),
        **given(fields),
    }


def source(table: str, **fields: Any) -> dict[str, Any]:
    """A TableSource of docs/events.md.

    :param table: catalog.schema.table
    """
    parts = table.split(".")
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"a table is written as catalog.schema.table, got '{table}'")
    return {**dict(zip(("catalog", "schema", "table_name"), parts, strict=True)), **given(fields)}


def texts(name: str, values: Sequence[str]) -> list[str]:
    """A text is a sequence of texts too, its letters, which nobody means."""
    if isinstance(values, str):
        raise TypeError(f"{name} must be a list, not one text: ['{values}']")
    return list(values)


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", False, [], {})}


def micros(duration: timedelta | None) -> int | None:
    return None if duration is None else duration // timedelta(microseconds=1)


def instant(time_: datetime | None) -> str | None:
    """A time without a zone is UTC, as everywhere in Firn."""
    if time_ is None:
        return None
    zoned = time_ if time_.tzinfo else time_.replace(tzinfo=timezone.utc)
    return zoned.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
