package dev.firn.schemas;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/// The schemas that events were written with, by id: asked for once and kept. Thread-safe.
///
/// A registry that does not answer says nothing about the events that wait for it. A registry that serves other schemas
/// and goes on refusing one does: its id belongs to a subject that this service may not read, or to a schema that is
/// damaged, and whatever waits behind the event would wait for ever.
final class WriterSchemas {
    /// Ids are what anybody writes into the first bytes of a record.
    private static final int MOST_REFUSED = 1_000;

    private final RegistryClient registry;
    private final Patience patience;
    private final LongSupplier nanoTime;
    private final Map<Integer, Schema> known = new ConcurrentHashMap<>();
    private final Map<Integer, Long> refusedSince = new ConcurrentHashMap<>();
    private volatile @Nullable Rest resting;

    /// @param rest for how long nobody asks again after the registry could not be asked
    /// @param refusal for how long one id may be refused while others are served; zero: for ever
    record Patience(Duration rest, Duration refusal) {
        static final Patience NONE = new Patience(Duration.ZERO, Duration.ZERO);
    }

    private record Rest(long untilNanos, SchemaRegistryUnavailableException fault) {}

    WriterSchemas(RegistryClient registry, Patience patience, LongSupplier nanoTime) {
        this.registry = registry;
        this.patience = patience;
        this.nanoTime = nanoTime;
    }

    /// Empty only where the registry says that it has none.
    ///
    /// @throws SchemaRegistryUnavailableException when it had to be asked and could not be
    /// @throws UnservedSchemaException when it served others and refused this one for too long
    Optional<Schema> of(int id) {
        Schema schema = known.get(id);
        if (schema != null) {
            return Optional.of(schema);
        }
        Rest rest = resting;
        if (rest != null && rest.untilNanos() - nanoTime.getAsLong() > 0) {
            throw rest.fault();
        }
        try {
            Optional<Schema> asked = registry.schema(id);
            asked.ifPresent(found -> known.put(id, found));
            refusedSince.remove(id);
            return asked;
        } catch (SchemaRegistryUnavailableException e) {
            if (isRefusedForTooLong(id) && servesAnother()) {
                throw new UnservedSchemaException(e);
            }
            resting = new Rest(nanoTime.getAsLong() + patience.rest().toNanos(), e);
            throw e;
        }
    }

    void know(int id, Schema schema) {
        known.put(id, schema);
    }

    private boolean isRefusedForTooLong(int id) {
        if (patience.refusal().isZero()) {
            return false;
        }
        if (refusedSince.size() >= MOST_REFUSED) {
            refusedSince.clear();
        }
        long now = nanoTime.getAsLong();
        return now - refusedSince.computeIfAbsent(id, _ -> now)
                >= patience.refusal().toNanos();
    }

    private boolean servesAnother() {
        Optional<Integer> another = known.keySet().stream().findAny();
        try {
            return another.isPresent() && registry.schema(another.get()).isPresent();
        } catch (SchemaRegistryUnavailableException e) {
            return false;
        }
    }

    /// The registry answers, and not for this id.
    static final class UnservedSchemaException extends RuntimeException {
        UnservedSchemaException(SchemaRegistryUnavailableException refusal) {
            super(refusal.getMessage(), refusal);
        }
    }
}
