"""The Parquet files of a result: through the gateway, or from S3 where the caller gives a file system."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ._errors import FirnError, ResultExpired

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ._http import Http
    from ._records import Result

CHUNK_BYTES = 1 << 20
# the gateway begins an answer within 30 s, or says that it cannot
READ_SECONDS = 60.0
PARALLEL_FILES = 4


@dataclass(frozen=True)
class ResultFiles:
    """The files of one result, in the order of the rows, or those of its changes.

    :param filesystem: of PyArrow or fsspec, with the rights to read the result; None: the gateway reads it
    :param of: the name of the files in the gateway's paths: `files` or `changes`
    """

    http: Http
    result: Result
    filesystem: Any = None
    of: str = "files"

    def table(self) -> pa.Table:
        """All rows. Several files are read at the same time."""
        import pyarrow as pa

        with ThreadPoolExecutor(max_workers=PARALLEL_FILES) as pool:
            return pa.concat_tables(pool.map(self._table, range(self._count())))

    def batches(self, batch_size: int) -> Iterator[pa.RecordBatch]:
        """One file at a time is on this machine's disk, and one batch in memory."""
        for number in range(self._count()):
            with self._opened(number) as file:
                yield from file.iter_batches(batch_size=batch_size)

    def _count(self) -> int:
        return len(self._listed())

    def _listed(self) -> list[dict[str, Any]]:
        whole = self.result.raw if self.of == "files" else self.result.raw[self.of]
        listed: list[dict[str, Any]] = whole["files"]
        return listed

    def _table(self, number: int) -> pa.Table:
        with self._opened(number) as file:
            return file.read()

    @contextlib.contextmanager
    def _opened(self, number: int) -> Iterator[pq.ParquetFile]:
        import pyarrow.parquet as pq

        if self.filesystem is not None:
            with self._stored(number) as source, pq.ParquetFile(source) as file:
                yield file
            return
        with tempfile.TemporaryDirectory(prefix="firn-") as folder:
            path = Path(folder, f"part-{number:08d}.parquet")
            self._download(number, path)
            with pq.ParquetFile(path) as file:
                yield file

    def _stored(self, number: int) -> Any:
        import pyarrow.fs as fs

        wrapped = self.filesystem
        if not isinstance(wrapped, fs.FileSystem):
            wrapped = fs.PyFileSystem(fs.FSSpecHandler(wrapped))
        location = self._listed()[number]["location"]
        try:
            return wrapped.open_input_file(location.partition("://")[2])
        except FileNotFoundError as e:
            raise ResultExpired("RESULT_EXPIRED", f"The file {location} is no longer there.", fault="DATA") from e

    def _download(self, number: int, path: Path) -> None:
        """Goes on where a connection broke off, and checks that the file is the one that Firn wrote."""
        path.touch()

        def size() -> int:
            return path.stat().st_size

        def step() -> None:
            at = size()
            headers = {"Range": f"bytes={at}-"} if at else {}
            where = f"/retrievals/{quote(self.result.id, safe='')}/{self.of}/{number}"
            with self.http.stream(where, READ_SECONDS, headers) as answer, path.open("ab") as file:
                if at and answer.status_code != 206:
                    file.truncate(0)
                for chunk in answer.iter_bytes():
                    file.write(chunk)

        self.http.retry(step, request_id=self.result.id, moved=size)
        if _sha256(path) != self._listed()[number]["checksum"]:
            raise FirnError(
                "FILE_DAMAGED",
                f"File {number} of '{self.result.id}' is not the one that Firn wrote.",
                fault="DATA",
            )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
