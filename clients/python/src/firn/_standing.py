"""A retrieval that runs again with each commit to what it reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
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
        with self._http.stream(f"/standing/{quote(self.id, safe='')}/events", STREAM_SECONDS, {}) as stream:
            lines = stream.iter_lines()
            # the first line says that the stream is open: from here on, no run is missed
            next(lines, None)
            self._streams += 1
            record = self.record
            self._require_active(record["status"], record.get("reasons", []))
            if record["status"] == "CANCELLED":
                return ""
            if record.get("last_status") == "SUCCEEDED" and run_number(record["last_run_id"]) > self._seen:
                return str(record["last_run_id"])
            for event in _results(lines):
                status, run = event["status"], event["request_id"]
                self._require_active(status, event.get("violations", []))
                if status == "CANCELLED":
                    return ""
                if status == "SUCCEEDED" and run_number(run) > self._seen:
                    return str(run)
                if status == "FAILED":
                    warn(f"Run '{run}' failed: {event['code']}: {event['message']}")
        raise FirnUnavailable("FIRN_UNREACHABLE", f"The events of '{self.id}' ended.", fault="SERVICE")

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


def _results(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The results among server-sent events. Firn writes the data of an event on one line."""
    is_result = False
    for line in lines:
        if line.startswith("event:"):
            is_result = line[6:].strip() == "RetrievalResult"
        elif is_result and line.startswith("data:"):
            yield json.loads(line[5:])
