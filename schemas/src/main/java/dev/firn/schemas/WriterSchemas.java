package dev.firn.schemas;

import dev.firn.schemas.RegistryClient.NoAvroSchemaException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/// The schemas that events were written with, by id: fetched once and kept. Thread-safe.
///
/// A registry that does not answer says nothing about the events that wait for it. Nor does one that has lost
/// Firn's own schemas, as after a restore from an empty backup: it knows none of the ids of good events. One
/// that serves other schemas but keeps refusing one does: this service may not read its subject, or the schema
/// is damaged, and everything behind the event would wait forever.
final class WriterSchemas {
    /// Bounded because producers choose the ids.
    private static final int MAX_REFUSED = 1_000;

    private final RegistryClient registry;
    private final Patience patience;
    private final LongSupplier nanoTime;
    private final Map<Integer, Schema> known = new ConcurrentHashMap<>();
    /// Schemas of Firn's own subjects, which the registry must have.
    private final ConcurrentSkipListMap<Integer, Schema> own = new ConcurrentSkipListMap<>();
    private final Map<Integer, Long> refusedSince = new ConcurrentHashMap<>();
    private volatile @Nullable Rest resting;

    /// @param rest pause after a failed call, in which no thread calls the registry
    /// @param refusal how long the registry may refuse one id while it serves others; zero: forever
    record Patience(Duration rest, Duration refusal) {
        static final Patience NONE = new Patience(Duration.ZERO, Duration.ZERO);
    }

    private record Rest(long untilNanos, SchemaRegistryUnavailableException fault) {}

    WriterSchemas(RegistryClient registry, Patience patience, LongSupplier nanoTime) {
        this.registry = registry;
        this.patience = patience;
        this.nanoTime = nanoTime;
    }

    /// The schema of `id`; empty only if the registry says that it has none, and has Firn's own.
    ///
    /// @throws SchemaRegistryUnavailableException if the registry is needed and does not answer
    /// @throws UnservedSchemaException if the registry has refused this id for too long while it served others
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
            if (asked.isEmpty()) {
                requireOwn(id);
            }
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

    /// Keeps a schema of one of Firn's own subjects.
    void putOwn(int id, Schema schema) {
        known.put(id, schema);
        own.put(id, schema);
    }

    /// Asks for the newest of Firn's own schemas: a registry that was restored from an old backup lacks the newest ids.
    private void requireOwn(int unknown) {
        Map.Entry<Integer, Schema> newest = own.lastEntry();
        if (newest != null && !serves(newest)) {
            throw new SchemaRegistryUnavailableException(
                    "the registry has neither schema " + unknown + " nor Firn's own schema " + newest.getKey()
                            + " any more; restore its schemas with their ids",
                    null);
        }
    }

    /// Ids are given again after a restore, so the schema must be the same one.
    private boolean serves(Map.Entry<Integer, Schema> schema) {
        try {
            return registry.schema(schema.getKey())
                    .filter(schema.getValue()::equals)
                    .isPresent();
        } catch (NoAvroSchemaException e) {
            return false;
        }
    }

    private boolean isRefusedForTooLong(int id) {
        if (patience.refusal().isZero()) {
            return false;
        }
        if (refusedSince.size() >= MAX_REFUSED) {
            refusedSince.clear();
        }
        long now = nanoTime.getAsLong();
        return now - refusedSince.computeIfAbsent(id, _ -> now)
                >= patience.refusal().toNanos();
    }

    private boolean servesAnother() {
        Optional<Map.Entry<Integer, Schema>> another = known.entrySet().stream().findAny();
        try {
            return another.isPresent() && serves(another.get());
        } catch (SchemaRegistryUnavailableException e) {
            return false;
        }
    }

    /// The registry serves other schemas, but not the one of this id.
    static final class UnservedSchemaException extends RuntimeException {
        UnservedSchemaException(SchemaRegistryUnavailableException refusal) {
            super(refusal.getMessage(), refusal);
        }
    }
}
