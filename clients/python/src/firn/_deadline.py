"""Until when a caller waits."""

from __future__ import annotations

import math
import time

# even a caller who must not wait gives Firn this long to answer
SHORTEST_CALL_SECONDS = 1.0


class Deadline:
    """When a caller stops waiting.

    :param seconds: from now; None: never
    """

    def __init__(self, seconds: float | None) -> None:
        self._end = math.inf if seconds is None else time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        return self.left() <= 0

    def left(self) -> float:
        """Seconds, not below 0."""
        return max(0.0, self._end - time.monotonic())

    def whole_seconds(self, longest: float) -> int:
        """How long the gateway may wait, which counts in whole seconds."""
        return int(min(longest, self.left()))

    def limit(self, seconds: float) -> float:
        """The timeout of a call that would otherwise have this one."""
        return max(SHORTEST_CALL_SECONDS, min(seconds, self.left()))

    def pause(self, seconds: float) -> None:
        """Sleeps, but not beyond the deadline."""
        time.sleep(min(seconds, self.left()))


NEVER = Deadline(None)
