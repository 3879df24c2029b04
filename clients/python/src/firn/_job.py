"""A retrieval that was asked for."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ._answer import ANSWER_SECONDS, answered
from ._changes import Changes
from ._deadline import Deadline
from ._errors import (
    FirnUnavailable,
    FirnWarning,
    RequestRefused,
    RetrievalCancelled,
    RetrievalFailed,
    Violation,
    WaitTimeout,
    warn,
)
from ._files import ResultFiles
from ._http import Http
from ._progress import Bar
from ._records import Pins, Progress, Result
from ._spine import MAX_ROWS_PER_BATCH, Given
from ._types import restored

if TYPE_CHECKING:
    import duckdb
    import httpx
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from ._pandas import DtypeBackend

# each call of the gateway waits this long for the outcome; between calls the bar moves
WAIT_SECONDS = 1
LATER_WAIT_SECONDS = 5
LATER_AFTER_SECONDS = 60
# between the calls of the last second, which cannot wait: the gateway counts whole seconds
PAUSE_SECONDS = 0.2
ASK_WAIT_SECONDS = 1
# how long done() and progress wait for Firn to answer at all
LOOK_SECONDS = 5.0


class Job:
    """A retrieval and its id. It runs in Firn whether or not anybody waits. Thread-safe.

    Whatever needs the result waits for it: `result`, `pins`, `warnings` and the `to_…` methods. A retrieval that
    fails raises RetrievalFailed there.
    """

    def __init__(
        self,
        http: Http,
        request_id: str,
        *,
        digest: str = "",
        given: Given | None = None,
        filesystem: Any = None,
        progress: bool | None = None,
    ) -> None:
        self.id = request_id
        self._http = http
        self._digest = digest
        self._given = given or Given()
        self._filesystem = filesystem
        self._progress_bar = progress
        self._outcome: dict[str, Any] | None = None
        self._progress: Progress | None = None

    def __repr__(self) -> str:
        return f"Job('{self.id}', {self._outcome['status'] if self._outcome else 'no outcome yet'})"

    def wait(self, timeout: float | None = None) -> Job:
        """Waits for the outcome, with a progress bar in a terminal and in a notebook.

        :param timeout: seconds, after which WaitTimeout is raised; the retrieval goes on
        :raises RetrievalFailed: with every violation
        """
        if self._outcome is None:
            self._await(timeout)
        self._require_success()
        return self

    def done(self) -> bool:
        """Whether there is an outcome. Does not wait for it."""
        return self._outcome is not None or self._ask(0, Deadline(LOOK_SECONDS))

    @property
    def progress(self) -> Progress | None:
        """How far the retrieval has come, as far as it is known. Does not wait for more."""
        self.done()
        return self._progress

    @property
    def result(self) -> Result:
        self.wait()
        return Result.of(self._known())

    @property
    def pins(self) -> Pins:
        """What makes the result repeatable: pass it as `pins` to get the same rows again."""
        return self.result.pins

    @property
    def warnings(self) -> tuple[Violation, ...]:
        """What is allowed, but probably not meant."""
        return self.result.warnings

    def cancel(self, reason: str = "", *, timeout: float = ANSWER_SECONDS) -> None:
        """Cancels the retrieval, unless it has already ended. Whoever waits for it gets RetrievalCancelled.

        :param reason: becomes part of the message
        :raises WaitTimeout: if Firn has not confirmed it after so many seconds
        :raises RequestRefused: if the id belongs to another request, which has ended
        """
        params = {"reason": reason} if reason else None
        path = f"/retrievals/{quote(self.id, safe='')}"
        outcome = answered(self._http, "DELETE", path, timeout, request_id=self.id, params=params).json()
        self._require_own(outcome)
        self._learn(200, outcome)

    def _require_own(self, outcome: dict[str, Any]) -> None:
        """GET compares the digests itself; DELETE tells how the id's request ended, whichever that is."""
        digest = outcome.get("request_digest", "")
        is_of_cancelled_id = not digest and outcome.get("code") == "CANCELLED"
        if self._digest and digest != self._digest and not is_of_cancelled_id:
            raise RequestRefused(
                "REQUEST_ID_REUSED",
                f"The id '{self.id}' belongs to another request.",
                fault="REQUEST",
                remedy="Use a new id for each request; repeat an id only to send the same request again.",
                request_id=self.id,
            )

    def to_df(self, *, dtype_backend: DtypeBackend = "pyarrow", timeout: float | None = None) -> pd.DataFrame:
        """The rows as pandas. Columns of a frame that was sent keep their dtypes; the others have Arrow's types.

        :param dtype_backend: of the other columns: `pyarrow`, `numpy_nullable`, or `numpy`, where an integer column
            with nulls becomes float64
        """
        from . import _pandas

        table = self.to_arrow(timeout=timeout)
        return _pandas.from_arrow(table, self._given_back().dtypes, dtype_backend)

    def to_arrow(self, *, timeout: float | None = None) -> pa.Table:
        """The rows as a table of PyArrow."""
        import pyarrow as pa

        table = self._files(timeout).table()
        given = self._given_back().schema
        batches = [restored(batch, given) for batch in table.to_batches()]
        schema = batches[0].schema if batches else restored(_no_rows(table), given).schema
        return pa.Table.from_batches(batches, schema).unify_dictionaries()

    def to_polars(self, *, timeout: float | None = None) -> pl.DataFrame:
        """The rows as a frame of Polars."""
        import polars as pl

        frame = pl.from_arrow(self.to_arrow(timeout=timeout))
        assert isinstance(frame, pl.DataFrame)
        return frame

    def to_duckdb(
        self, connection: duckdb.DuckDBPyConnection | None = None, *, timeout: float | None = None
    ) -> duckdb.DuckDBPyRelation:
        """The rows as a relation of DuckDB, in memory."""
        import duckdb

        table = self.to_arrow(timeout=timeout)
        return connection.from_arrow(table) if connection is not None else duckdb.from_arrow(table)

    def to_batches(
        self, *, batch_size: int = MAX_ROWS_PER_BATCH, timeout: float | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows one batch at a time, for results larger than memory."""
        files = self._files(timeout)
        given = self._given_back().schema
        for batch in files.batches(batch_size):
            yield restored(batch, given)

    def changes(self, *, timeout: float | None = None) -> Changes:
        """What this run of a standing retrieval changed since the previous run."""
        self.wait(timeout)
        files = ResultFiles(self._http, self.result, self._filesystem, "changes")
        return Changes(self._known().get("changes"), files.table, self.to_arrow)

    def _files(self, timeout: float | None) -> ResultFiles:
        self.wait(timeout)
        return ResultFiles(self._http, self.result, self._filesystem)

    def _given_back(self) -> Given:
        """The types of the columns that were sent and came back; a feature has its own."""
        return self._given.only({one.name for one in self.result.columns if one.feature is None})

    def _begin(self, ask: Callable[[], httpx.Response]) -> None:
        """Sends the request. Firn may have it whatever happens here, so its id is told."""
        stands = f"If Firn has the request, firn.job('{self.id}') picks it up; request_id='{self.id}' sends it again."
        try:
            answer = ask()
            self._learn(answer.status_code, answer.json())
        except FirnUnavailable as e:
            e.remedy = f"{e.remedy} {stands}".strip()
            raise
        except (KeyboardInterrupt, FirnWarning):
            print(f"'{self.id}' is not cancelled. {stands}", file=sys.stderr)
            raise

    def _await(self, timeout: float | None) -> None:
        started = time.monotonic()
        deadline = Deadline(timeout)
        try:
            with Bar(self.id, self._progress_bar) as bar:
                while True:
                    is_early = time.monotonic() - started < LATER_AFTER_SECONDS
                    wait = deadline.whole_seconds(WAIT_SECONDS if is_early else LATER_WAIT_SECONDS)
                    is_last = deadline.is_over
                    if self._ask(wait, deadline):
                        return
                    if is_last:
                        raise self._has_no_outcome(timeout)
                    if wait == 0:
                        deadline.pause(PAUSE_SECONDS)
                    bar.show(self._progress)
        except FirnUnavailable as e:
            if deadline.is_over:
                raise self._has_no_outcome(timeout, f": {e.message}") from e
            e.remedy = f"{e.remedy} {self._stands()['remedy']}".strip()
            raise
        except (KeyboardInterrupt, FirnWarning):
            print(f"'{self.id}' is not cancelled. {self._stands()['remedy']}", file=sys.stderr)
            raise

    def _has_no_outcome(self, timeout: float | None, because: str = "") -> WaitTimeout:
        message = f"'{self.id}' has no outcome after {timeout or 0:g} s{because or '.'}"
        return WaitTimeout("NO_OUTCOME_YET", message, **self._stands())

    def _stands(self) -> dict[str, Any]:
        return {
            "fault": "SERVICE",
            "remedy": f"The request stands: firn.job('{self.id}') picks it up.",
            "request_id": self.id,
        }

    def _ask(self, wait: float, deadline: Deadline) -> bool:
        """Asks for the outcome; whether there is one."""
        params = {"digest": self._digest} if self._digest else None
        answer = self._http.call(
            "GET", f"/retrievals/{quote(self.id, safe='')}", params=params, wait=wait, deadline=deadline
        )
        return self._learn(answer.status_code, answer.json())

    def _learn(self, status: int, answer: dict[str, Any]) -> bool:
        if status == 200:
            self._outcome = answer
            for one in answer.get("warnings", []):
                warn(f"'{self.id}': {Violation.of(one)}")
            return True
        self._digest = self._digest or answer.get("request_digest", "")
        if answer.get("progress"):
            self._progress = Progress.of(answer["progress"])
        return False

    def _known(self) -> dict[str, Any]:
        assert self._outcome is not None
        return self._outcome

    def _require_success(self) -> None:
        outcome = self._known()
        if outcome["status"] == "SUCCEEDED":
            return
        code = outcome.get("code") or outcome["status"]
        kind = RetrievalCancelled if code == "CANCELLED" else RetrievalFailed
        raise kind(
            code,
            outcome.get("message", ""),
            violations=[Violation.of(one) for one in outcome.get("violations", [])],
            fault=outcome.get("fault", "UNKNOWN"),
            request_id=self.id,
        )


def _no_rows(table: pa.Table) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.RecordBatch.from_pylist([], schema=table.schema)
