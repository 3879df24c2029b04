package dev.firn.schemas;

import static dev.firn.schemas.Topic.Parallelism.REQUESTS;
import static dev.firn.schemas.Topic.Parallelism.USUAL;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalCommand;
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

/// The topics of a deployment. Keys are plain UTF-8. Values are Avro in Confluent's wire format, except on topics
/// without an [#event()]: dead letters hold the original bytes, and the commands to views, tables and standing
/// retrievals are private to the registration service.
///
/// Requests, hints, runs and dead letters have the broker's time (`LogAppendTime`): a retrieval's "now" and a
/// registration's deadline count from it, and a producer's clock must not decide how long a record is kept.
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
            "Answers registration requests, in order per view. The request id is in the value and in a header."),
    /// The registry of views.
    FEATURE_VIEWS(
            "feature-views",
            "view",
            FeatureView.class,
            USUAL,
            Cleanup.COMPACT,
            Duration.ZERO,
            TimestampType.CREATE_TIME,
            "The registry: the current record of each view. The header firn-principal names who asked for its version."),
    /// Says that a table may have changed.
    TABLE_HINTS(
            "table-hints",
            "catalog.schema.table",
            TableHint.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(1),
            TimestampType.LOG_APPEND_TIME,
            "Says that a table may have changed, so that Firn looks at its catalog now."),
    /// Changes of tables.
    TABLE_COMMITS(
            "table-commits",
            "catalog.schema.table",
            TableCommit.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.CREATE_TIME,
            "Changes of tables, as Firn saw them in their catalogs."),
    /// Asks for standing retrievals.
    STANDING_REQUESTS(
            "standing-requests",
            "standing id",
            StandingRequest.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.LOG_APPEND_TIME,
            "Asks for a standing retrieval to be created, changed or cancelled. The answer is on retrieval-results."),
    /// Standing retrievals.
    STANDING_RETRIEVALS(
            "standing-retrievals",
            "standing id",
            StandingRetrieval.class,
            USUAL,
            Cleanup.COMPACT,
            Duration.ZERO,
            TimestampType.CREATE_TIME,
            "The current record of each standing retrieval."),
    /// Asks for features.
    RETRIEVAL_REQUESTS(
            "retrieval-requests",
            "request id",
            RetrievalRequest.class,
            REQUESTS,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.LOG_APPEND_TIME,
            "Asks for features. The append time of the request is what \"now\" means."),
    /// Runs of standing retrievals.
    RETRIEVAL_RUNS(
            "retrieval-runs",
            "standing id",
            RetrievalRequest.class,
            REQUESTS,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.LOG_APPEND_TIME,
            "Runs of standing retrievals, each with its pins, apart from people's requests."),
    /// Cancels retrievals.
    RETRIEVAL_COMMANDS(
            "retrieval-commands",
            "request id",
            RetrievalCommand.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.LOG_APPEND_TIME,
            "Cancels retrievals. The outcome that stands is announced on retrieval-results."),
    /// Answers retrievals.
    RETRIEVAL_RESULTS(
            "retrieval-results",
            "request id, for runs the standing id",
            RetrievalResult.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.CREATE_TIME,
            "Answers retrieval requests, runs and standing requests. An answer may come twice: take the first one with"
                    + " your request's id and digest."),
    /// Progress of retrievals.
    RETRIEVAL_PROGRESS(
            "retrieval-progress",
            "request id",
            RetrievalProgress.class,
            USUAL,
            Cleanup.DELETE,
            Duration.ofHours(1),
            TimestampType.CREATE_TIME,
            "How far retrievals have come. For people; records may be lost."),
    /// Records that could not be read.
    DEAD_LETTERS(
            "dead-letters",
            "as it came",
            null,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(14),
            TimestampType.LOG_APPEND_TIME,
            "Records that could not be read, byte for byte. Headers say where they came from and why."),
    /// Commands to the writer of each view.
    VIEW_COMMANDS(
            "view-commands",
            "view",
            null,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.CREATE_TIME,
            "Internal: everything about a view, on its way to the only writer of that view."),
    /// Commands to the watcher of each table.
    TABLE_COMMANDS(
            "table-commands",
            "catalog.schema.table",
            null,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.CREATE_TIME,
            "Internal: everything about a table, on its way to the only watcher of that table."),
    /// Commands to the coordinator of each standing retrieval.
    STANDING_COMMANDS(
            "standing-commands",
            "standing id",
            null,
            USUAL,
            Cleanup.DELETE,
            Duration.ofDays(7),
            TimestampType.CREATE_TIME,
            "Internal: everything about a standing retrieval, on its way to its only coordinator.");

    /// Which setting decides a topic's number of partitions.
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

    /// What the keys are, for people.
    public String key() {
        return key;
    }

    /// The event in the values; empty if they are plain bytes.
    public Optional<Class<? extends SpecificRecord>> event() {
        return Optional.ofNullable(event);
    }

    /// What happens to old records.
    public Cleanup cleanup() {
        return cleanup;
    }

    /// How long records are kept; zero for compacted topics, which keep them forever.
    public Duration retention() {
        return retention;
    }

    /// Whose clock gives records their timestamps.
    public TimestampType timestampType() {
        return timestampType;
    }

    /// What the topic is for, for people.
    public String purpose() {
        return purpose;
    }

    Parallelism parallelism() {
        return parallelism;
    }
}
