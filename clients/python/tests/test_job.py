"""What a job does with the answers of a gateway, in the cases that a real one does not show on demand."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from faults import FaultyServer, answer, parquet, silent, succeeded, whole
from firn import Firn, FirnError, FirnUnavailable, FirnWarning, Job, RequestRefused, Standing, WaitTimeout

ROWS = pa.table({"customer_id": [1]})
AWAY = {"code": "KAFKA_UNAVAILABLE", "detail": "Kafka does not answer.", "fault": "SERVICE"}
NOT_YET = {"code": "NO_OUTCOME_YET", "request_digest": "mine"}


@pytest.fixture
def firn(server: FaultyServer) -> Iterator[Firn]:
    with Firn(server.url) as client:
        yield client


def interrupted(call: BaseHTTPRequestHandler, body: bytes) -> None:
    """Ctrl-C while the answer is awaited. Again, if Python was in a finalizer, where it is lost."""
    main = threading.main_thread().ident
    assert main is not None
    call.connection.settimeout(5)
    for _ in range(3):
        signal.pthread_kill(main, signal.SIGINT)
        with contextlib.suppress(TimeoutError):
            # the client goes away
            with contextlib.suppress(ConnectionError):
                call.connection.recv(1)
            break
    with contextlib.suppress(OSError):
        answer(202, NOT_YET)(call, body)


def test_asks_for_nothing_else_whatever_is_in_an_id(firn: Firn, server: FaultyServer) -> None:
    """An id comes from a file or a user as often as from Firn."""
    server.scripts = [answer(404, {"code": "REQUEST_ID_INVALID", "detail": "No id."})]
    with pytest.raises(FirnError):
        firn.job("a/../../feast/features?x=1").wait(timeout=5)
    assert server.paths[-1].split("?")[0] == "/retrievals/a%2F..%2F..%2Ffeast%2Ffeatures%3Fx%3D1"


# Target tables


def test_names_a_target_table_and_says_what_became_of_it(firn: Firn, server: FaultyServer) -> None:
    target = {"table": "iceberg.features.daily", "status": "COMMITTED", "snapshot_id": 7, "code": ""}
    server.scripts = [answer(200, succeeded(parquet(ROWS), target=target))]
    job = firn.get_historical_features({"customer_id": [1]}, ["v:total"], target="iceberg.features.daily")
    assert json.loads(server.bodies[0])["target"] == "iceberg.features.daily"
    assert job.result.target is not None
    assert (job.result.target.status, job.result.target.snapshot_id) == ("COMMITTED", 7)


def test_names_no_target_table_unless_asked(firn: Firn, server: FaultyServer) -> None:
    server.scripts = [answer(200, succeeded(parquet(ROWS)))]
    job = firn.get_historical_features({"customer_id": [1]}, ["v:total"])
    assert "target" not in json.loads(server.bodies[0])
    assert job.result.target is None


# Types of the columns that come back


@pytest.fixture
def asked(firn: Firn, server: FaultyServer) -> Job:
    """A retrieval whose frame has a column that is dropped, and whose feature is named like it."""
    found = pa.table({"customer_id": pa.array([1], pa.int32()), "total": [300]})
    content = parquet(found)
    outcome = succeeded(content, {"total": "v:total"})
    server.scripts = [answer(202, NOT_YET), answer(200, outcome), whole(content)]
    frame = pd.DataFrame({"customer_id": pd.array([1], "Int16"), "total": pd.array([1], "Int32")})
    return firn.get_historical_features(frame, ["v:total"], columns=["customer_id"])


def test_gives_a_feature_its_own_type_and_not_that_of_a_dropped_column(asked: Job) -> None:
    found = asked.to_arrow()
    assert found.schema.types == [pa.int16(), pa.int64()]
    assert found["total"].to_pylist() == [300]


def test_gives_a_feature_its_own_dtype_and_not_that_of_a_dropped_column(asked: Job) -> None:
    assert [str(dtype) for dtype in asked.to_df().dtypes] == ["Int16", "int64[pyarrow]"]


def test_gives_batches_with_the_types_of_their_features(asked: Job) -> None:
    assert next(asked.to_batches()).schema.types == [pa.int16(), pa.int64()]


def test_gives_a_time_of_a_view_its_own_type(firn: Firn, server: FaultyServer) -> None:
    content = parquet(pa.table({"customer_id": [1], "v__event_timestamp": pa.array([1], pa.timestamp("us"))}))
    server.scripts = [answer(202, NOT_YET), answer(200, succeeded(content)), whole(content)]
    rows = ROWS.append_column("v__event_timestamp", pa.array([1], pa.timestamp("s")))
    job = firn.get_historical_features(rows, ["v:f"], columns=["customer_id"], include_event_timestamps=True)
    assert job.to_arrow().schema.types == [pa.int64(), pa.timestamp("us")]


@pytest.mark.parametrize("wrong", [{"features": "v:f"}, {"features": ["v:f"], "columns": "customer_id"}])
def test_takes_no_text_as_a_list_of_its_letters(firn: Firn, wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="must be a list"):
        firn.get_historical_features(ROWS, **wrong)
    with pytest.raises(TypeError, match="entities must be a list"):
        firn.register(name="v", entities="customer_id", features={}, table="a.b.c", timestamp_field="t")


# Whose outcome it is


def cancelled(digest: str) -> dict[str, str]:
    return {"request_id": "r", "status": "FAILED", "code": "CANCELLED", "message": "", "request_digest": digest}


def test_takes_no_outcome_of_another_request_when_it_cancels(firn: Firn, server: FaultyServer) -> None:
    other = succeeded(parquet(ROWS), request_digest="other")
    server.scripts = [answer(202, NOT_YET), answer(200, other)]
    job = firn.get_historical_features(ROWS, ["v:f"], request_id="r")
    with pytest.raises(RequestRefused, match="REQUEST_ID_REUSED") as caught:
        job.cancel()
    assert (caught.value.request_id, caught.value.fault) == ("r", "REQUEST")
    assert "no outcome yet" in repr(job)


@pytest.mark.parametrize("outcome", [cancelled(""), cancelled("mine"), succeeded(parquet(ROWS), request_digest="mine")])
def test_takes_the_outcome_of_its_own_request_when_it_cancels(
    firn: Firn, server: FaultyServer, outcome: dict[str, Any]
) -> None:
    server.scripts = [answer(202, NOT_YET), answer(200, outcome)]
    job = firn.get_historical_features(ROWS, ["v:f"])
    job.cancel()
    assert job.done()


def test_takes_any_outcome_if_it_was_picked_up_by_its_id(firn: Firn, server: FaultyServer) -> None:
    server.scripts = [answer(200, succeeded(parquet(ROWS), request_digest="other"))]
    job = firn.job("r")
    job.cancel()
    assert job.result.rows == 1


# Cancelling ends when it is answered


def test_cancels_until_it_is_answered(firn: Firn, server: FaultyServer) -> None:
    server.scripts = [answer(202, NOT_YET), answer(200, cancelled(""))]
    job = firn.job("r")
    job.cancel()
    assert job.done()
    server.scripts = [answer(202, NOT_YET)]
    with pytest.raises(WaitTimeout) as caught:
        firn.job("r").cancel(timeout=0)
    assert caught.value.request_id == "r"


def test_cancels_a_standing_retrieval_until_it_is_answered(firn: Firn, server: FaultyServer) -> None:
    server.scripts = [answer(200, {"standing_id": "s"}), answer(202, {"code": "NO_ANSWER_YET"}), answer(200, {})]
    standing: Standing = firn.standing("s")
    standing.cancel()
    asked = server.headers[1:]
    assert len(asked) == 2
    assert asked[0]["Idempotency-Key"] == asked[1]["Idempotency-Key"]
    server.scripts = [answer(202, {"code": "NO_ANSWER_YET"})]
    with pytest.raises(WaitTimeout, match="NO_ANSWER_YET"):
        standing.cancel(timeout=0)


# How long it waits


def took(started: float) -> float:
    return time.monotonic() - started


@pytest.mark.parametrize(
    "script", [silent, answer(503, AWAY), answer(429, AWAY, Retry_After="8"), answer(202, NOT_YET)]
)
def test_waits_no_longer_than_it_is_told(firn: Firn, server: FaultyServer, script: Any) -> None:
    server.scripts = [script]
    started = time.monotonic()
    with pytest.raises(WaitTimeout, match=r"(?s)NO_OUTCOME_YET.*firn.job\('r'\)"):
        firn.job("r").wait(timeout=1.2)
    assert 1.2 <= took(started) < 4


def test_looks_once_if_it_must_not_wait(firn: Firn, server: FaultyServer) -> None:
    server.scripts = [answer(200, succeeded(parquet(ROWS)))]
    assert firn.job("r").wait(timeout=0).done()


@pytest.mark.parametrize("script", [silent, answer(503, AWAY)])
def test_looks_without_waiting_long(
    firn: Firn, server: FaultyServer, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firn._job.LOOK_SECONDS", 0.2)
    server.scripts = [script]
    started = time.monotonic()
    with pytest.raises(FirnUnavailable):
        firn.job("r").done()
    with pytest.raises(FirnUnavailable):
        _ = firn.job("r").progress
    assert took(started) < 5


def test_waits_for_an_answer_no_longer_than_it_is_told(firn: Firn, server: FaultyServer) -> None:
    server.scripts = [silent]
    started = time.monotonic()
    with pytest.raises(WaitTimeout, match="NO_ANSWER_YET"):
        firn.drop("v", timeout=0.5)
    assert took(started) < 4


# The id of what was sent is never lost


def test_says_the_id_if_it_is_interrupted_while_it_asks(
    firn: Firn, server: FaultyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.scripts = [interrupted]
    # a shell that starts the tests in the background has the signal ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            firn.get_historical_features(ROWS, ["v:f"])
    finally:
        signal.signal(signal.SIGINT, before)
    assert f"firn.job('{server.headers[0]['Idempotency-Key']}')" in capsys.readouterr().err


def test_says_the_id_if_a_warning_is_an_error(
    firn: Firn, server: FaultyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = succeeded(parquet(ROWS), warnings=[{"code": "NUMBERS_AS_TEXT", "message": "m"}])
    server.scripts = [answer(200, outcome)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FirnWarning):
            firn.get_historical_features({"customer_id": [1]}, ["v:f"], request_id="mine")
    assert "firn.job('mine')" in capsys.readouterr().err


def test_says_the_id_if_firn_is_away_while_it_asks(server: FaultyServer) -> None:
    server.scripts = [answer(503, AWAY)]
    with Firn(server.url, retry_for=0) as firn, pytest.raises(FirnUnavailable, match=r"firn.job\('mine'\)"):
        firn.get_historical_features(ROWS, ["v:f"], request_id="mine")
