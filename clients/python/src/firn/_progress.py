"""The progress bar of a retrieval, in a terminal and in a notebook."""

from __future__ import annotations

import sys
import warnings
from types import TracebackType
from typing import Any

from ._records import Progress

# a retrieval that is faster shows no bar
DELAY_SECONDS = 0.5


class Bar:
    """Shows nothing if `shown` is False; None decides: in a terminal and in a notebook."""

    def __init__(self, request_id: str, shown: bool | None) -> None:
        self._shown = _is_watched() if shown is None else shown
        self._id = request_id
        self._bar: Any = None
        self._stage = ""

    def __enter__(self) -> Bar:
        if self._shown:
            with warnings.catch_warnings():
                # tqdm warns in a notebook without ipywidgets, and then writes text
                warnings.simplefilter("ignore")
                from tqdm.auto import tqdm

                self._bar = tqdm(desc=self._id, delay=DELAY_SECONDS, leave=False, unit="", unit_scale=True)
        return self

    def show(self, progress: Progress | None) -> None:
        if self._bar is None:
            return
        if progress is None:
            self._bar.refresh()
            return
        stage = f"{progress.stage} {progress.view}".strip()
        if stage != self._stage:
            self._stage = stage
            self._bar.reset(total=progress.total or None)
            self._bar.unit = f" {progress.unit}" if progress.unit else ""
            self._bar.set_description(stage, refresh=False)
        self._bar.total = progress.total or None
        self._bar.update(max(0, progress.done - self._bar.n))
        self._bar.refresh()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()


def _is_watched() -> bool:
    return sys.stderr.isatty() or _in_notebook()


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None
