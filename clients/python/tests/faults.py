"""A server for faults of transport, which a real gateway does not show on demand."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import threading
from collections.abc import Callable, Mapping
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Handler = Callable[[BaseHTTPRequestHandler, bytes], None]


class FaultyServer:
    """Answers each call with the next of its scripts, and the last one again and again."""

    def __init__(self) -> None:
        self.scripts: list[Handler] = []
        self.paths: list[str] = []
        self.headers: list[Message] = []
        self.bodies: list[bytes] = []
        server = self

        class Handling(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.paths.append(self.path)
                server.headers.append(self.headers)
                server.bodies.append(body)
                script = server.scripts.pop(0) if len(server.scripts) > 1 else server.scripts[0]
                script(self, body)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handling)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultyServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


def answer(status: int, body: Any, **headers: str) -> Handler:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def script(call: BaseHTTPRequestHandler, _: bytes) -> None:
        call.send_response(status)
        for name, value in headers.items():
            call.send_header(name.replace("_", "-"), value)
        call.send_header("Content-Length", str(len(content)))
        call.end_headers()
        call.wfile.write(content)

    return script


def stream(*blocks: str) -> Handler:
    """Server-sent events; then the connection breaks off."""

    def script(call: BaseHTTPRequestHandler, _: bytes) -> None:
        call.send_response(200)
        call.send_header("Content-Type", "text/event-stream")
        call.end_headers()
        for block in blocks:
            call.wfile.write(f"{block}\n\n".encode())
        call.close_connection = True

    return script


def broken_off(call: BaseHTTPRequestHandler, _: bytes) -> None:
    """Closes the connection without an answer."""
    call.close_connection = True


def silent(call: BaseHTTPRequestHandler, _: bytes) -> None:
    """Never answers; ends when the client goes away."""
    call.close_connection = True
    with contextlib.suppress(OSError):
        call.connection.recv(1)


def half(content: bytes) -> Handler:
    """Announces all of the content and sends half of what is wanted."""

    def script(call: BaseHTTPRequestHandler, _: bytes) -> None:
        wanted = content[_from(call) :]
        _begin(call, wanted)
        call.wfile.write(wanted[: len(wanted) // 2])
        call.close_connection = True

    return script


def whole(content: bytes) -> Handler:
    def script(call: BaseHTTPRequestHandler, _: bytes) -> None:
        wanted = content[_from(call) :]
        _begin(call, wanted)
        call.wfile.write(wanted)

    return script


def _from(call: BaseHTTPRequestHandler) -> int:
    wanted = call.headers.get("Range", "bytes=0-")
    return int(wanted.removeprefix("bytes=").removesuffix("-"))


def _begin(call: BaseHTTPRequestHandler, wanted: bytes) -> None:
    call.send_response(206 if "Range" in call.headers else 200)
    call.send_header("Content-Length", str(len(wanted)))
    call.end_headers()


def parquet(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def succeeded(content: bytes, features: Mapping[str, str] | None = None, **fields: Any) -> dict[str, Any]:
    """The outcome of a retrieval with one file.

    :param features: the features in the file's columns; the other columns are those of the rows that were sent
    """
    schema = pq.read_schema(io.BytesIO(content))
    columns = [
        {"name": one.name, "type": str(one.type), "feature": (features or {}).get(one.name), "nulls": 0}
        for one in schema
    ]
    checksum = hashlib.sha256(content).hexdigest()
    file = {"location": "s3://b/part.parquet", "rows": 1, "bytes": len(content), "checksum": checksum}
    outcome = {"request_id": "r", "status": "SUCCEEDED", "rows": 1, "location": "s3://b/"}
    return {**outcome, "columns": columns, "files": [file], **fields}
