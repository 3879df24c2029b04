package dev.firn.chaos.run;

import dev.firn.chaos.check.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What came out of a scenario: a line of the report.
///
/// @param fired how often its fault happened
/// @param recoveries from each fault until everything that was open had its answer
/// @param wrong everything else that a check found
record Outcome(
        String fault,
        long fired,
        int requests,
        int answered,
        List<String> lost,
        List<String> different,
        List<String> wrong,
        List<Duration> recoveries) {
    static Builder of(String fault) {
        return new Builder(fault);
    }

    /// What makes the run fail, a line each. A fault that never happened is one: then nothing was shown.
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (fired == 0) {
            problems.add("the fault never happened");
        }
        problems.addAll(lost);
        problems.addAll(different);
        problems.addAll(wrong);
        return problems;
    }

    Duration medianRecovery() {
        return recoveries.isEmpty()
                ? Duration.ZERO
                : recoveries.stream().sorted().toList().get(recoveries.size() / 2);
    }

    Duration worstRecovery() {
        return recoveries.stream().max(Duration::compareTo).orElse(Duration.ZERO);
    }

    static final class Builder {
        private final String fault;
        private final List<String> wrong = new ArrayList<>();
        private final List<Duration> recoveries = new ArrayList<>();
        private long fired;

        private Builder(String fault) {
            this.fault = fault;
        }

        Builder fired(long times) {
            fired += times;
            return this;
        }

        Builder wrong(List<String> problems) {
            wrong.addAll(problems);
            return this;
        }

        /// Everything was answered now that was open at `sinceNanos`.
        Builder recovered(long sinceNanos) {
            recoveries.add(Duration.ofNanos(System.nanoTime() - sinceNanos));
            return this;
        }

        Outcome build(History history) {
            List<String> lost = history.lost();
            wrong.addAll(history.unasked());
            return new Outcome(
                    fault,
                    fired,
                    history.asked().size(),
                    history.asked().size() - lost.size(),
                    lost,
                    history.answeredDifferently(),
                    List.copyOf(wrong),
                    List.copyOf(recoveries));
        }
    }
}
