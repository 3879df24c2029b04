package dev.firn.schemas;

import static dev.firn.schemas.Topic.Parallelism.REQUESTS;
import static dev.firn.schemas.Topic.Parallelism.USUAL;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TableCommit;
import dev.firn.events.TableHint;
import java.time.Duration;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/// The topics of a deployment. Keys are plain UTF-8, values are Avro in Confluent's wire format except where there is
/// no [#event()]: dead letters hold the original bytes, commands are private to the registration service.
///
/// What people produce, and dead letters, bear the broker's time (`LogAppendTime`): a retrieval's "now" and a
/// registration's deadline count from it, and no producer's clock may decide what retention keeps.
public enum Topic {
    /// Asks for views to be registered, changed or dropped.
    REGISTRATION_REQUESTS(
            "registration-requests",
            "view",
            RegistrationRequest.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.LOG_APPEND_TIME,
            "Asks for a feature view to be registered, changed or dropped."),
    /// Answers registrations.
    REGISTRATION_RESULTS(
            "registration-results",
            "view",
            RegistrationResult.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.CREATE_TIME,
            "Answers registration requests, in order per view; the request id is in the value and in a header."),
    /// The registry.
    FEATURE_VIEWS(
            "feature-views",
            "view",
            FeatureView.class,
            USUAL,
            Cleanup.COMPACT,
            Duration.ZERO,
            TimestampType.CREATE_TIME,
            "The registry: the last record of each view."),
    /// Says that a table may have changed.
    TABLE_HINTS(
            "table-hints",
            "catalog.schema.table",
            TableHint.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(1),
            TimestampType.LOG_APPEND_TIME,
            "Says that a table may have changed, so that its catalog is looked at now."),
    /// What was seen to change.
    TABLE_COMMITS(
            "table-commits",
            "catalog.schema.table",
            TableCommit.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.CREATE_TIME,
            "Changes of tables as Firn saw them in their catalog. Output only."),
    /// Asks for standing retrievals.
    STANDING_REQUESTS(
            "standing-requests",
            "standing id",
            StandingRequest.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.LOG_APPEND_TIME,
            "Asks for a standing retrieval to be created, changed or cancelled; answered on retrieval-results."),
    /// Standing retrievals as kept.
    STANDING_RETRIEVALS(
            "standing-retrievals",
            "standing id",
            StandingRetrieval.class,
            USUAL,
            Cleanup.COMPACT,
            Duration.ZERO,
            TimestampType.CREATE_TIME,
            "Standing retrievals as kept: the last record of each. Output only."),
    /// Asks for features.
    RETRIEVAL_REQUESTS(
            "retrieval-requests",
            "request id",
            RetrievalRequest.class,
            REQUESTS,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.LOG_APPEND_TIME,
            "Asks for features; its append time is what \"now\" means."),
    /// Runs of standing retrievals.
    RETRIEVAL_RUNS(
            "retrieval-runs",
            "standing id",
            RetrievalRequest.class,
            REQUESTS,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.LOG_APPEND_TIME,
            "Runs of standing retrievals, each with its pins; never mixed with people's requests."),
    /// Answers retrievals.
    RETRIEVAL_RESULTS(
            "retrieval-results",
            "request id, for runs the standing id",
            RetrievalResult.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.CREATE_TIME,
            "Answers retrieval requests, runs and standing requests. At least once: take the first that bears your"
                    + " request's id and digest."),
    /// How far retrievals are.
    RETRIEVAL_PROGRESS(
            "retrieval-progress",
            "request id",
            RetrievalProgress.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofHours(1),
            TimestampType.CREATE_TIME,
            "How far retrievals are. Lossy, for people."),
    /// What could not be read.
    DEAD_LETTERS(
            "dead-letters",
            "as it came",
            null,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(14),
            TimestampType.LOG_APPEND_TIME,
            "Records that could not be read, byte for byte, with where they came from and why in headers."),
    /// Commands to the one writer of each view.
    VIEW_COMMANDS(
            "view-commands",
            "view",
            null,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.CREATE_TIME,
            "Internal: everything that concerns a view, on its way to the one writer of that view."),
    /// Commands to the one watcher of each table.
    TABLE_COMMANDS(
            "table-commands",
            "catalog.schema.table",
            null,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.CREATE_TIME,
            "Internal: everything that concerns a table, on its way to the one watcher of that table."),
    /// Commands to the one coordinator of each standing retrieval.
    STANDING_COMMANDS(
            "standing-commands",
            "standing id",
            null,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.CREATE_TIME,
            "Internal: everything that concerns a standing retrieval, on its way to its one coordinator.");

    /// Which setting gives a topic its number of partitions.
    enum Parallelism {
        USUAL,
        REQUESTS
    }

    private final String simpleName;
    private final String key;
    private final @Nullable Class<? extends SpecificRecord> event;
    private final Parallelism parallelism;
    private final Cleanup cleanup;
    private final Duration retention;
    private final TimestampType timestampType;
    private final String purpose;

    Topic(
            String simpleName,
            String key,
            @Nullable Class<? extends SpecificRecord> event,
            Parallelism parallelism,
            Cleanup cleanup,
            Duration retention,
            TimestampType timestampType,
            String purpose) {
        this.simpleName = simpleName;
        this.key = key;
        this.event = event;
        this.parallelism = parallelism;
        this.cleanup = cleanup;
        this.retention = retention;
        this.timestampType = timestampType;
        this.purpose = purpose;
    }

    /// The name without its namespace: `feature-views`.
    public String simpleName() {
        return simpleName;
    }

    /// What its keys are, for people.
    public String key() {
        return key;
    }

    /// The event that its values are; empty where they are plain bytes.
    public Optional<Class<? extends SpecificRecord>> event() {
        return Optional.ofNullable(event);
    }

    /// What happens to old records.
    public Cleanup cleanup() {
        return cleanup;
    }

    /// How long records are kept; zero, and without meaning, for compacted topics.
    public Duration retention() {
        return retention;
    }

    /// Whose clock a record's timestamp is.
    public TimestampType timestampType() {
        return timestampType;
    }

    /// What it is for, for people.
    public String purpose() {
        return purpose;
    }

    Parallelism parallelism() {
        return parallelism;
    }
}
