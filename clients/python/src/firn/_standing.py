"""A retrieval that runs again with each commit to what it reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ._answer import ANSWER_SECONDS, answered
from ._errors import FirnUnavailable, StandingSuspended, Violation, warn
from ._http import Http

if TYPE_CHECKING:
    from ._job import Job

# the gateway sends a comment every firn.gateway.heartbeat, 15 s by default
STREAM_SECONDS = 120.0


class Standing:
    """A standing retrieval. Iterating over it blocks until the next refresh, and gives each as a Job that has ended.

    While you work on one refresh, later ones may come; the next step then gives the newest. The loop ends when the
    standing retrieval is cancelled.
    """

    def __init__(self, http: Http, standing_id: str, job: Callable[[str], Job], seen: int) -> None:
        self.id = standing_id
        self._http = http
        self._job = job
        self._seen = seen
        self._streams = 0
        self._position = ""

    def __repr__(self) -> str:
        return f"Standing('{self.id}')"

    @property
    def record(self) -> dict[str, Any]:
        """The StandingRetrieval of docs/events.md, as it is now."""
        found: dict[str, Any] = self._http.call("GET", f"/standing/{quote(self.id, safe='')}").json()
        return found

    @property
    def status(self) -> str:
        """ACTIVE, SUSPENDED or CANCELLED."""
        return str(self.record["status"])

    def latest(self) -> Job | None:
        """The run that ended last. None: there was none yet."""
        run = self.record.get("last_run_id")
        return self._job(run) if run else None

    def cancel(self, *, timeout: float = ANSWER_SECONDS) -> None:
        """Ends it. Its results stay.

        :raises WaitTimeout: if Firn has not confirmed it after so many seconds
        """
        answered(self._http, "DELETE", f"/standing/{quote(self.id, safe='')}", timeout)

    def __iter__(self) -> Iterator[Job]:
        while run := self._http.retry(self._next, moved=lambda: self._streams):
            self._seen = run_number(run)
            yield self._job(run)

    def _next(self) -> str:
        """The id of the next run that succeeded; empty if the standing retrieval is cancelled."""
        position = {"Last-Event-ID": self._position} if self._position else {}
        with self._http.stream(f"/standing/{quote(self.id, safe='')}/events", STREAM_SECONDS, position) as stream:
            events = _events(stream.iter_lines())
            # the first one says that the stream is open: from here on, no run is missed
            self._position = next(events, _Event()).id or self._position
            self._streams += 1
            run = self._unseen()
            if run is not None:
                return run
            for event in events:
                run = self._heard(event)
                self._position = event.id or self._position
                if run is not None:
                    return run
        raise FirnUnavailable("FIRN_UNREACHABLE", f"The events of '{self.id}' ended.", fault="SERVICE")

    def _heard(self, event: _Event) -> str | None:
        """What `_next` returns after an event; None: it goes on."""
        if event.name == "Gap":
            return self._unseen()
        if event.name != "RetrievalResult":
            return None
        result = json.loads(event.data)
        status, run = result["status"], result["request_id"]
        if status in ("SUSPENDED", "CANCELLED"):
            # it may be one of before: the record says what holds now
            return self._unseen()
        if status == "SUCCEEDED" and run_number(run) > self._seen:
            return str(run)
        if status == "FAILED":
            warn(f"Run '{run}' failed: {result['code']}: {result['message']}")
        return None

    def _unseen(self) -> str | None:
        """The newest run that succeeded; empty if the standing retrieval is cancelled; None: there is none yet."""
        record = self.record
        self._require_active(record["status"], record.get("reasons", []))
        if record["status"] == "CANCELLED":
            return ""
        if record.get("last_status") == "SUCCEEDED" and run_number(record["last_run_id"]) > self._seen:
            return str(record["last_run_id"])
        return None

    def _require_active(self, status: str, reasons: list[dict[str, Any]]) -> None:
        if status == "SUSPENDED":
            raise StandingSuspended(
                "SUSPENDED",
                f"'{self.id}' does not run.",
                violations=[Violation.of(one) for one in reasons],
                fault="DATA",
                remedy="It runs again when its definition or a view that it reads changes.",
            )


def run_number(run_id: str | None) -> int:
    """The n of `<standing id>.r<n>.<digest>`; 0 without a run."""
    return int(run_id.rsplit(".", 2)[1][1:]) if run_id else 0


@dataclass(frozen=True)
class _Event:
    """A server-sent event. A block with an id alone, as at the beginning and at each heartbeat, has no name."""

    id: str = ""
    name: str = ""
    data: str = ""


def _events(lines: Iterator[str]) -> Iterator[_Event]:
    """The blocks of a stream. Firn writes the data of an event on one line."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            field, _, value = line.partition(":")
            fields[field] = value.removeprefix(" ")
            continue
        yield _Event(fields.get("id", ""), fields.get("event", ""), fields.get("data", ""))
        fields.clear()
