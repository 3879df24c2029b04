"""A retrieval that was asked for."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ._errors import (
    FirnUnavailable,
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
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from ._pandas import DtypeBackend

# each call of the gateway waits this long for the outcome; between calls the bar moves
WAIT_SECONDS = 1
LATER_WAIT_SECONDS = 5
LATER_AFTER_SECONDS = 60
ASK_WAIT_SECONDS = 1
CANCEL_WAIT_SECONDS = 10


class Job:
    """A retrieval under its id. It runs in Firn, whether or not anybody waits. Thread-safe.

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
        """Whether there is an outcome. Does not wait."""
        return self._outcome is not None or self._ask(0)

    @property
    def progress(self) -> Progress | None:
        """How far the retrieval has come, as far as it is known. Does not wait."""
        self.done()
        return self._progress

    @property
    def result(self) -> Result:
        self.wait()
        return Result.of(self._known())

    @property
    def pins(self) -> Pins:
        """What makes the result repeatable: give it as `pins` to get the same rows again."""
        return self.result.pins

    @property
    def warnings(self) -> tuple[Violation, ...]:
        """What is allowed, but probably not meant."""
        return self.result.warnings

    def cancel(self, reason: str = "") -> None:
        """Cancels the retrieval, unless it has ended before. Who waits for it gets RetrievalCancelled.

        :param reason: becomes part of the message
        """
        params = {"reason": reason} if reason else None
        answer = self._http.call("DELETE", f"/retrievals/{self.id}", params=params, wait=CANCEL_WAIT_SECONDS)
        if answer.status_code == 200:
            self._learn(answer.status_code, answer.json())

    def to_df(self, *, dtype_backend: DtypeBackend = "pyarrow", timeout: float | None = None) -> pd.DataFrame:
        """The rows as pandas. Columns of a frame that was sent keep their dtypes; the others have Arrow's types.

        :param dtype_backend: of the other columns: `pyarrow`, `numpy_nullable`, or `numpy`, where an integer column
            with nulls becomes float64
        """
        from . import _pandas

        return _pandas.from_arrow(self.to_arrow(timeout=timeout), self._given.dtypes, dtype_backend)

    def to_arrow(self, *, timeout: float | None = None) -> pa.Table:
        """The rows as a table of PyArrow."""
        import pyarrow as pa

        table = self._files(timeout).table()
        batches = [restored(batch, self._given.schema) for batch in table.to_batches()]
        schema = batches[0].schema if batches else restored(_no_rows(table), self._given.schema).schema
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
        """The rows one batch at a time, for what does not fit into memory."""
        for batch in self._files(timeout).batches(batch_size):
            yield restored(batch, self._given.schema)

    def _files(self, timeout: float | None) -> ResultFiles:
        self.wait(timeout)
        return ResultFiles(self._http, self.result, self._filesystem)

    def _await(self, timeout: float | None) -> None:
        started = time.monotonic()
        try:
            with Bar(self.id, self._progress_bar) as bar:
                while True:
                    waited = time.monotonic() - started
                    left = math.inf if timeout is None else timeout - waited
                    step = WAIT_SECONDS if waited < LATER_AFTER_SECONDS else LATER_WAIT_SECONDS
                    if self._ask(max(0, math.ceil(min(step, left)))):
                        return
                    if left <= 0:
                        raise WaitTimeout(
                            "NO_OUTCOME_YET",
                            f"'{self.id}' has no outcome after {timeout:g} s.",
                            **self._stands(),
                        )
                    bar.show(self._progress)
        except FirnUnavailable as e:
            e.remedy = f"{e.remedy} {self._stands()['remedy']}".strip()
            raise
        except KeyboardInterrupt:
            print(f"'{self.id}' is not cancelled. {self._stands()['remedy']}", file=sys.stderr)
            raise

    def _stands(self) -> dict[str, Any]:
        return {
            "fault": "SERVICE",
            "remedy": f"The request stands: firn.job('{self.id}') picks it up.",
            "request_id": self.id,
        }

    def _ask(self, wait: float) -> bool:
        """Asks for the outcome; whether there is one."""
        params = {"digest": self._digest} if self._digest else None
        answer = self._http.call("GET", f"/retrievals/{self.id}", params=params, wait=wait)
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
