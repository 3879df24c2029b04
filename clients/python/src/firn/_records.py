"""What Firn answers, as values. `raw` has the whole JSON; docs/events.md describes its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ._errors import Violation

Json = Mapping[str, Any]


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(_python_form(text))


def _python_form(text: str) -> str:
    """Python 3.10 reads neither a Z nor fractions of other lengths than 3 and 6."""
    text = text.replace("Z", "+00:00")
    if "." not in text:
        return text
    seconds, rest = text.split(".", 1)
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{seconds}.{rest[:digits][:6].ljust(6, '0')}{rest[digits:]}"


@dataclass(frozen=True)
class Registration:
    """The answer to a registration or a drop."""

    name: str
    source_table: str
    message: str
    warnings: tuple[Violation, ...] = ()

    @classmethod
    def of(cls, json: Json) -> Registration:
        return cls(
            name=json["name"],
            source_table=json.get("source_table", ""),
            message=json.get("message", ""),
            warnings=tuple(Violation.of(one) for one in json.get("warnings", [])),
        )


@dataclass(frozen=True)
class View:
    """A registered feature view. `entities` and `features` are names with their Iceberg types."""

    name: str
    version: int
    status: str
    table: str
    entities: Mapping[str, str]
    features: Mapping[str, str]
    timestamp_field: str
    ttl: timedelta | None
    description: str
    owner: str
    tags: Mapping[str, str]
    reasons: tuple[Violation, ...]
    raw: Json = field(repr=False, compare=False)

    @property
    def created_timestamp_field(self) -> str | None:
        """The column; None: the view has no created timestamp."""
        created = self.raw["source"].get("created_timestamp")
        return created["column"] if created else None

    @property
    def timestamp_zone(self) -> str | None:
        """The IANA zone of timestamps without a zone; None: UTC."""
        zone: str | None = self.raw["source"].get("timestamp_zone")
        return zone

    @classmethod
    def of(cls, json: Json) -> View:
        source = json["source"]
        micros = json.get("ttl_micros") or 0
        return cls(
            name=json["name"],
            version=json["version"],
            status=json["status"],
            table=f"{source['catalog']}.{source['schema']}.{source['table_name']}",
            entities={one["name"]: one["type"] for one in json["entities"]},
            features={one["name"]: one["type"] for one in json["features"]},
            timestamp_field=source["timestamp"]["name"],
            ttl=timedelta(microseconds=micros) if micros else None,
            description=json.get("description", ""),
            owner=json.get("owner", ""),
            tags=dict(json.get("tags", {})),
            reasons=tuple(Violation.of(one) for one in json.get("reasons", [])),
            raw=json,
        )


@dataclass(frozen=True)
class Column:
    """A column of a result. `feature` is None for a column of the rows that were sent."""

    name: str
    type: str
    feature: str | None
    nulls: int


@dataclass(frozen=True)
class ViewOutcome:
    """What one view contributed: which snapshot was read, and how many rows found something."""

    alias: str
    view: str
    version: int
    table: str
    snapshot_id: int | None
    matched: int
    unmatched: int
    ambiguous: int
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, json: Json) -> ViewOutcome:
        names = ("alias", "view", "version", "table", "snapshot_id", "matched", "unmatched", "ambiguous")
        return cls(**{name: json.get(name) for name in names}, raw=json)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Pins:
    """What makes a result repeatable: `get_historical_features(…, pins=job.pins)` gives the same rows again.

    `snapshots` are the snapshots that were read, by the view's alias or name. `location` holds all of it.
    """

    location: str
    as_of: datetime | None
    snapshots: Mapping[str, int | None]


@dataclass(frozen=True)
class Progress:
    """How far a retrieval has come. `total` is 0 if that is not known."""

    stage: str
    done: int
    total: int
    unit: str
    view: str

    @classmethod
    def of(cls, json: Json) -> Progress:
        return cls(
            stage=json.get("stage", ""),
            done=json.get("done", 0),
            total=json.get("total", 0),
            unit=json.get("unit", ""),
            view=json.get("view", ""),
        )


@dataclass(frozen=True)
class Target:
    """What became of the commit to a target table. `status` is COMMITTED, SUPERSEDED (the table holds a later
    result), or NOT_COMMITTED; then `code` says why."""

    table: str
    status: str
    snapshot_id: int | None
    code: str
    message: str

    @classmethod
    def of(cls, json: Json) -> Target:
        return cls(
            json["table"], json["status"], json.get("snapshot_id"), json.get("code", ""), json.get("message", "")
        )


@dataclass(frozen=True)
class Result:
    """The outcome of a retrieval that succeeded. `location` is a folder of Parquet files on S3."""

    id: str
    rows: int
    location: str
    columns: tuple[Column, ...]
    views: tuple[ViewOutcome, ...]
    warnings: tuple[Violation, ...]
    content_digest: str
    pins: Pins
    standing_id: str | None
    completed_at: datetime | None
    target: Target | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, json: Json) -> Result:
        views = tuple(ViewOutcome.of(one) for one in json.get("views", []))
        return cls(
            id=json["request_id"],
            rows=json["rows"],
            location=json["location"],
            columns=tuple(
                Column(one["name"], one["type"], one.get("feature"), one["nulls"]) for one in json["columns"]
            ),
            views=views,
            warnings=tuple(Violation.of(one) for one in json.get("warnings", [])),
            content_digest=json.get("content_digest", ""),
            pins=Pins(
                location=json.get("manifest_location") or "",
                as_of=instant(json.get("as_of")),
                snapshots={view.alias: view.snapshot_id for view in views},
            ),
            standing_id=json.get("standing_id"),
            completed_at=instant(json.get("completed_at")),
            target=Target.of(json["target"]) if json.get("target") else None,
            raw=json,
        )
