package dev.firn.retrieval.answer;

import java.time.Duration;

/// Growing pauses: twice as long each time, up to a limit. For one thread.
final class Backoff {
    private final Duration first;
    private final Duration longest;
    private Duration next;

    Backoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest.compareTo(first) < 0 ? first : longest;
        this.next = first;
    }

    Duration next() {
        Duration pause = next;
        Duration twice = next.multipliedBy(2);
        next = twice.compareTo(longest) > 0 ? longest : twice;
        return pause;
    }

    void reset() {
        next = first;
    }
}
