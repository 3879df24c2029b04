package dev.firn.registration.validation;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A cache of recent answers, so that many registrations on one table ask a question once. Bounded in number and age;
/// evicts the least recently used. Thread-safe.
final class RecentAnswers<K, V> {
    static final int MAX_ANSWERS = 1_000;

    private record Aged<V>(V answer, long atNanos) {}

    private final long maxAgeNanos;
    private final Map<K, Aged<V>> answers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<K, Aged<V>> eldest) {
            return size() > MAX_ANSWERS;
        }
    };

    RecentAnswers(Duration maxAge) {
        maxAgeNanos = maxAge.toNanos();
    }

    synchronized @Nullable V get(K question) {
        Aged<V> known = answers.get(question);
        return known == null || System.nanoTime() - known.atNanos() > maxAgeNanos ? null : known.answer();
    }

    synchronized void put(K question, V answer) {
        answers.put(question, new Aged<>(answer, System.nanoTime()));
    }
}
