"""Trino, under the name and with the rights of the user of this process."""

from __future__ import annotations

import atexit
import re
import time
import uuid
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timezone
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .._errors import FirnWarning, warn
from ._config import TrinoConfig
from ._types import of_trino

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 10_000
# a name tells when the table of an entity query was made, so that one which a killed process has left can be recognised
ENTITY_TABLE = re.compile(r"firn_feast_(\d{10})_[0-9a-f]{32}")
LEFT_AFTER_SECONDS = 24 * 3600
_swept: set[tuple[str, int, str]] = set()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quoted_table(table: str) -> str:
    return ".".join(quoted(part) for part in table.split(".", 2))


def text_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def time_literal(at: datetime, column: pa.DataType) -> str:
    """An instant as a literal to compare the column with. A time without a zone is UTC."""
    import pyarrow as pa

    zoned = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
    text = zoned.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
    has_zone = pa.types.is_timestamp(column) and column.tz
    return f"TIMESTAMP '{text} UTC'" if has_zone else f"TIMESTAMP '{text}'"


class Trino:
    """One connection."""

    def __init__(self, config: TrinoConfig) -> None:
        from trino import dbapi
        from trino.auth import Authentication, BasicAuthentication, JWTAuthentication

        auth: Authentication | None = None
        if config.token is not None:
            auth = JWTAuthentication(config.token.get_secret_value())
        elif config.password is not None:
            auth = BasicAuthentication(config.user, config.password.get_secret_value())
        self._connection = dbapi.connect(  # type: ignore[no-untyped-call]
            host=config.host,
            port=config.port,
            user=config.user,
            auth=auth,
            http_scheme=config.http_scheme,
            verify=config.verify,
            source="firn-feast",
            timezone="UTC",
            session_properties={"query_max_run_time": f"{config.query_timeout}s"} if config.query_timeout else None,
        )

    def __enter__(self) -> Trino:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def rows(self, sql: str) -> list[Any]:
        with self._cursor() as cursor:
            found: list[Any] = cursor.execute(sql).fetchall()
            return found

    def table(self, sql: str) -> pa.Table:
        """The rows of a query, with its types."""
        import pyarrow as pa

        with self._cursor() as cursor:
            cursor.execute(sql)
            schema = pa.schema([(one[0], _result_type(of_trino(one[1]))) for one in cursor.description])
            batches = []
            while rows := cursor.fetchmany(BATCH_ROWS):
                columns = zip(*rows, strict=True)
                arrays = [_array(values, one.type) for values, one in zip(columns, schema, strict=True)]
                batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
            return pa.Table.from_batches(batches, schema)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """A cursor whose query does not go on when this process no longer wants it, as after Ctrl-C."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        except BaseException:
            with suppress(Exception):
                cursor.cancel()
            raise

    def schema(self, table: str) -> pa.Schema | None:
        import pyarrow as pa

        catalog, schema, name = table.split(".", 2)
        rows = self.rows(
            f"SELECT column_name, data_type FROM {quoted(catalog)}.information_schema.columns WHERE table_schema = "
            f"{text_literal(schema)} AND table_name = {text_literal(name)} ORDER BY ordinal_position"
        )
        return pa.schema([(column, of_trino(type_)) for column, type_ in rows]) if rows else None


def _result_type(given: pa.DataType) -> pa.DataType:
    """UUIDs are read as text: few things that read Arrow know them."""
    import pyarrow as pa

    return pa.string() if isinstance(given, pa.BaseExtensionType) else given


def _array(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if pa.types.is_string(type_):
        values = [value if value is None or isinstance(value, str) else str(value) for value in values]
    elif pa.types.is_nested(type_):
        values = [_nested(value, type_) for value in values]
    return pa.array(values, type_)


def _nested(value: Any, type_: pa.DataType) -> Any:
    """A value of Trino's client in the form from which Arrow makes nested types."""
    import pyarrow as pa

    if value is None:
        return None
    if pa.types.is_struct(type_):
        return {one.name: _nested(part, one.type) for one, part in zip(type_, value, strict=True)}
    if pa.types.is_map(type_):
        return [(_nested(key, type_.key_type), _nested(item, type_.item_type)) for key, item in value.items()]
    if pa.types.is_list(type_):
        return [_nested(one, type_.value_type) for one in value]
    return value


class EntityTable:
    """The rows of an entity query, in a table of the scratch schema that is dropped when it is no longer needed."""

    def __init__(self, config: TrinoConfig | None, query: str) -> None:
        if config is None or not config.scratch_schema:
            raise ValueError(
                "an entity query needs offline_store.trino with a scratch_schema in feature_store.yaml: Trino writes "
                "its rows to a table there, which is dropped after the retrieval"
            )
        self.name = f"{config.scratch_schema}.firn_feast_{int(time.time())}_{uuid.uuid4().hex}"
        self._config = config
        with Trino(config) as trino:
            _sweep(trino, config)
            # also at the end of the process, and of a table of which only Trino knows whether it was made
            self._drop = weakref.finalize(self, _drop, config, self.name)
            try:
                trino.rows(f"CREATE TABLE {quoted_table(self.name)} AS\n{query.strip().rstrip(';')}")
            except BaseException:
                self.drop()
                raise

    def schema(self) -> pa.Schema:
        with Trino(self._config) as trino:
            found = trino.schema(self.name)
        assert found is not None
        return found

    def bounds(self, column: str) -> tuple[datetime | None, datetime | None]:
        with Trino(self._config) as trino:
            low, high = trino.rows(
                f"SELECT min({quoted(column)}), max({quoted(column)}) FROM {quoted_table(self.name)}"
            )[0]
        return _instant(low), _instant(high)

    def drop(self) -> None:
        """Drops the table. What fails only warns, and is tried again at the end of the process."""
        self._drop()


def _sweep(trino: Trino, config: TrinoConfig) -> None:
    """Drops what processes that were killed have left, once in the life of this one.

    What cannot be dropped may be another user's, who does it.
    """
    schema = config.scratch_schema or ""
    scratch = (config.host, config.port, schema)
    if scratch in _swept:
        return
    _swept.add(scratch)
    with suppress(Exception):
        for (name,) in trino.rows(f"SHOW TABLES FROM {quoted_table(schema)} LIKE 'firn\\_feast\\_%' ESCAPE '\\'"):
            made = ENTITY_TABLE.fullmatch(name)
            if made and time.time() - int(made[1]) > LEFT_AFTER_SECONDS:
                with suppress(Exception):
                    trino.rows(f"DROP TABLE IF EXISTS {quoted_table(f'{schema}.{name}')}")


def _instant(value: Any) -> datetime | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    return None


def _drop(config: TrinoConfig, table: str) -> None:
    try:
        _drop_now(config, table)
    except BaseException as e:
        atexit.register(_drop_at_last, config, table)
        if not isinstance(e, Exception):
            raise
        _warn(f"The table {table} could not be dropped; the plug-in tries again when this process ends: {e}")


def _drop_at_last(config: TrinoConfig, table: str) -> None:
    try:
        _drop_now(config, table)
    except Exception as e:
        _warn(f"The table {table} of an entity query is left in Trino: drop it. {e}")


def _drop_now(config: TrinoConfig, table: str) -> None:
    with Trino(config) as trino:
        trino.rows(f"DROP TABLE IF EXISTS {quoted_table(table)}")


def _warn(message: str) -> None:
    # a warning that is an error here must not hide the result that is there
    with suppress(FirnWarning):
        warn(message)
