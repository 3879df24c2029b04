"""What happens between this client and a gateway that is away, slow or behind something else."""

from __future__ import annotations

import io
import json
import pickle
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faults import FaultyServer, answer, broken_off, half, parquet, stream, succeeded, whole
from firn import AccessDenied, Firn, FirnError, FirnUnavailable, FirnWarning, RequestRefused

AWAY = {"code": "KAFKA_UNAVAILABLE", "detail": "Kafka does not answer.", "fault": "SERVICE", "remedy": "Wait."}
NO_VIEWS: dict[str, Any] = {"items": [], "next": None}


def test_says_where_it_looked_if_nobody_answers(nobody: str) -> None:
    with Firn(nobody, retry_for=0) as firn, pytest.raises(FirnUnavailable, match=nobody) as caught:
        firn.views()
    assert caught.value.code == "FIRN_UNREACHABLE"
    assert "FIRN_URL" in str(caught.value)


@pytest.mark.parametrize("as_file", [True, False])
def test_sends_a_token_without_the_line_feed_after_it(server: FaultyServer, tmp_path: Path, as_file: bool) -> None:
    file = tmp_path / "token"
    file.write_text("s3cret\n")
    server.scripts = [answer(200, NO_VIEWS)]
    with Firn(server.url, **({"token_file": str(file)} if as_file else {"token": "s3cret\n"})) as firn:  # type: ignore[arg-type]
        assert firn.views() == []
    assert server.headers[0]["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize("token", ["s3cret\nX-Other: 1", "s3cret of two words", "s3cret\u00e4"])
def test_repeats_no_token_that_cannot_be_sent(server: FaultyServer, token: str) -> None:
    with pytest.raises(ValueError, match="the token has characters") as caught:
        Firn(server.url, token=token)
    assert "s3cret" not in str(caught.value)


def test_shows_no_password_of_an_address(nobody: str) -> None:
    with Firn(nobody.replace("://", "://me:s3cret@"), retry_for=0) as firn:
        with pytest.raises(FirnUnavailable, match=nobody) as caught:
            firn.views()
        assert "s3cret" not in f"{caught.value} {firn!r}"


@pytest.mark.parametrize("request_id", ["a\nb", "b\u00fccher", "two words", "-a", "x" * 128])
def test_refuses_an_id_that_no_header_carries(server: FaultyServer, request_id: str) -> None:
    server.scripts = [answer(202, {"request_digest": "d"})]
    with Firn(server.url, retry_for=0) as firn, pytest.raises(RequestRefused, match="INVALID_REQUEST_ID"):
        firn.get_historical_features({"id": [1]}, ["v:f"], request_id=request_id)


def test_stops_trying_at_its_limit(nobody: str) -> None:
    started = time.monotonic()
    with Firn(nobody, retry_for=0.5) as firn, pytest.raises(FirnUnavailable):
        firn.views()
    assert time.monotonic() - started < 2


def test_tries_again_while_a_neighbour_of_firn_is_away(server: FaultyServer) -> None:
    server.scripts = [answer(503, AWAY), answer(502, b"<html>bad gateway</html>"), answer(200, NO_VIEWS)]
    with Firn(server.url) as firn:
        assert firn.views() == []
    assert len(server.headers) == 3


def test_sends_the_same_rows_under_the_same_id_after_a_connection_broke_off(server: FaultyServer) -> None:
    server.scripts = [broken_off, answer(202, {"request_digest": "d"})]
    with Firn(server.url) as firn:
        firn.get_historical_features(pa.table({"customer_id": [1]}), ["v:f"], request_id="mine")
    assert [headers["Idempotency-Key"] for headers in server.headers] == ["mine", "mine"]
    assert server.bodies[0] == server.bodies[1]
    assert pq.read_table(io.BytesIO(server.bodies[1])).num_rows == 1


def test_waits_as_long_as_firn_asks_but_not_beyond_its_limit(server: FaultyServer) -> None:
    server.scripts = [answer(429, AWAY, Retry_After="60"), answer(200, NO_VIEWS)]
    with Firn(server.url, retry_for=1) as firn, pytest.raises(FirnUnavailable, match="KAFKA_UNAVAILABLE"):
        firn.views()
    assert len(server.headers) == 1


@pytest.mark.parametrize(("status", "code"), [(503, "VALIDATION_UNAVAILABLE"), (502, "FILE_DENIED")])
def test_does_not_repeat_what_was_decided(server: FaultyServer, status: int, code: str) -> None:
    server.scripts = [answer(status, AWAY | {"code": code})]
    with Firn(server.url) as firn, pytest.raises(FirnUnavailable):
        firn.views()
    assert len(server.headers) == 1


def test_reports_every_violation(server: FaultyServer) -> None:
    violations = [
        {"code": "COLUMN_NOT_FOUND", "field": "features[0]", "message": "no column 'totl'", "suggestion": "total"},
        {"code": "NO_ENTITIES", "message": "the view has no entity"},
    ]
    problem = {"code": "REFUSED", "detail": "2 things are wrong.", "fault": "REQUEST", "violations": violations}
    server.scripts = [answer(422, problem, Firn_Request_Id="r-1")]
    with Firn(server.url) as firn, pytest.raises(RequestRefused) as caught:
        firn.views()
    error = pickle.loads(pickle.dumps(caught.value))
    assert (error.code, error.fault, error.request_id) == ("REFUSED", "REQUEST", "r-1")
    assert [one.code for one in error.violations] == ["COLUMN_NOT_FOUND", "NO_ENTITIES"]
    assert str(error).splitlines() == [
        "REFUSED: 2 things are wrong.",
        "  - COLUMN_NOT_FOUND [features[0]]: no column 'totl' Did you mean 'total'?",
        "  - NO_ENTITIES: the view has no entity",
    ]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b""])
def test_understands_an_error_that_is_not_firns(server: FaultyServer, body: bytes) -> None:
    server.scripts = [answer(413, body)]
    with Firn(server.url) as firn, pytest.raises(RequestRefused, match="HTTP_413"):
        firn.views()


def test_sends_the_token_of_a_file_as_it_is_now(server: FaultyServer, tmp_path: Path) -> None:
    server.scripts = [answer(401, {"code": "UNAUTHENTICATED"}), answer(200, NO_VIEWS)]
    token = tmp_path / "token"
    token.write_text("old\n")
    with Firn(server.url, token_file=token) as firn:
        with pytest.raises(AccessDenied, match="UNAUTHENTICATED"):
            firn.views()
        token.write_text("new\n")
        firn.views()
    assert [headers["Authorization"] for headers in server.headers] == ["Bearer old", "Bearer new"]


def test_takes_the_token_of_the_environment_and_no_proxy_to_this_machine(
    server: FaultyServer, nobody_else: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRN_TOKEN", "secret")
    monkeypatch.setenv("HTTP_PROXY", nobody_else)
    server.scripts = [answer(200, NO_VIEWS)]
    with Firn(server.url, retry_for=0) as firn:
        firn.views()
    assert server.headers[0]["Authorization"] == "Bearer secret"


@pytest.fixture
def nobody_else() -> str:
    with FaultyServer() as other:
        return other.url


def test_sends_a_request_that_is_too_long_for_a_query_in_a_form(server: FaultyServer) -> None:
    server.scripts = [answer(202, {})]
    features = [f"a_view_with_a_long_name:feature_{n}" for n in range(1000)]
    with Firn(server.url) as firn:
        firn.get_historical_features(pa.table({"customer_id": [1]}), features)
    assert server.headers[0]["Content-Type"].startswith("multipart/form-data")
    assert b"feature_999" in server.bodies[0]


def test_goes_on_with_a_file_where_the_connection_broke_off(server: FaultyServer) -> None:
    content = parquet(pa.table({"x": range(100_000)}))
    server.scripts = [answer(200, succeeded(content)), half(content), half(content), whole(content)]
    with Firn(server.url) as firn:
        assert firn.job("r").to_arrow().num_rows == 100_000
    ranges = [headers.get("Range") for headers in server.headers[1:]]
    assert ranges == [None, f"bytes={len(content) // 2}-", f"bytes={len(content) - (len(content) + 3) // 4}-"]


def test_refuses_a_file_that_firn_did_not_write(server: FaultyServer) -> None:
    server.scripts = [answer(200, succeeded(parquet(pa.table({"x": [1]})))), whole(parquet(pa.table({"x": [2]})))]
    with Firn(server.url) as firn, pytest.raises(FirnError, match="FILE_DAMAGED"):
        firn.job("r").to_arrow()


OPEN = ": open\nid: g-1"


def _run(number: int, status: str, position: str) -> str:
    data = {"request_id": f"s.r{number}.0123456789abcdef", "status": status, "code": "FILE_DENIED", "message": "denied"}
    return f"event: RetrievalResult\nid: {position}\ndata: {json.dumps(data)}"


def _record(run: int, **more: str) -> dict[str, Any]:
    return {"status": "ACTIVE", "last_run_id": f"s.r{run}.0123456789abcdef", "last_status": "SUCCEEDED", **more}


def test_goes_on_in_a_stream_where_it_broke_off(server: FaultyServer) -> None:
    server.scripts = [
        answer(200, _record(1)),
        stream(OPEN, ": still here\nid: g-4"),
        answer(200, _record(1)),
        stream(": open\nid: g-4", _run(2, "FAILED", "g-5"), _run(3, "SUCCEEDED", "g-6")),
        answer(200, _record(1)),
        stream(": open\nid: g-6"),
        answer(200, _record(3, status="CANCELLED")),
    ]
    with Firn(server.url) as firn:
        standing = firn.standing("s")
        with pytest.warns(FirnWarning, match=r"s\.r2.*FILE_DENIED"):
            assert [one.id for one in standing] == ["s.r3.0123456789abcdef"]
    assert [one["Last-Event-ID"] for one in server.headers[1::2]] == [None, "g-4", "g-6"]


def test_looks_at_the_record_where_events_are_missing(server: FaultyServer) -> None:
    server.scripts = [
        answer(200, _record(1)),
        stream(OPEN, 'event: Gap\nid: g-9\ndata: {"state":"/standing/s"}'),
        answer(200, _record(1)),
        answer(200, _record(4)),
    ]
    with Firn(server.url) as firn:
        assert next(iter(firn.standing("s"))).id == "s.r4.0123456789abcdef"
    assert server.paths == ["/standing/s", "/standing/s/events", "/standing/s", "/standing/s"]


def test_does_not_take_an_event_of_before_for_what_holds_now(server: FaultyServer) -> None:
    server.scripts = [
        answer(200, _record(1)),
        stream(OPEN, _run(0, "SUSPENDED", "g-2"), _run(2, "SUCCEEDED", "g-3")),
        answer(200, _record(1)),
        answer(200, _record(1)),
    ]
    with Firn(server.url) as firn:
        assert next(iter(firn.standing("s"))).id == "s.r2.0123456789abcdef"
