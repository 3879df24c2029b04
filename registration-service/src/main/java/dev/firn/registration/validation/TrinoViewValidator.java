package dev.firn.registration.validation;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.TableSource;
import dev.firn.events.Violation;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.CommitWalk;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.TableState;
import dev.firn.registration.validation.TrinoClient.TrinoAwayException;
import dev.firn.registration.validation.TrinoClient.TrinoRefusedException;
import dev.firn.registration.validation.TrinoTable.RowCounts;
import dev.firn.registration.validation.TrinoTable.RowSample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Validates against what Trino and the Iceberg catalog say about the table.
///
/// Trino says whether people can query the table, whether it is Iceberg, and where its files are. Field ids, types and
/// the snapshot come from Iceberg's metadata, because Trino lower-cases names and hides ids. Both are asked at the same
/// time and must answer for the same snapshot. If a commit came between, both are asked again, at most [#MAX_LOOKS]
/// times.
///
/// Iceberg's metadata files never change. So what Trino said about a table holds as long as the catalog, which is asked
/// every time, names the same metadata file: several registrations on one table ask Trino once.
public final class TrinoViewValidator implements ViewValidator, AutoCloseable {
    public static final int MAX_LOOKS = 3;
    private static final Logger LOG = LoggerFactory.getLogger(TrinoViewValidator.class);
    private static final String MAIN = "main";
    private static final Duration MAX_AGE = Duration.ofSeconds(30);

    private final Function<TableSource, TrinoTable> trino;
    private final Catalogs catalogs;
    private final long warningRows;
    private final Duration warningLimit;
    private final RecentAnswers<Question, TrinoFacts> recentFacts = new RecentAnswers<>(MAX_AGE);
    private final RecentAnswers<RowSample, RowCounts> recentCounts = new RecentAnswers<>(MAX_AGE);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /// @param warningRows rows that the query behind the warnings reads at most
    /// @param warningLimit of that query; zero to make no query
    public TrinoViewValidator(TrinoClient trino, Catalogs catalogs, long warningRows, Duration warningLimit) {
        this(source -> new JdbcTrinoTable(trino, source), catalogs, warningRows, warningLimit);
    }

    TrinoViewValidator(
            Function<TableSource, TrinoTable> trino, Catalogs catalogs, long warningRows, Duration warningLimit) {
        this.trino = trino;
        this.catalogs = catalogs;
        this.warningRows = warningRows;
        this.warningLimit = warningLimit;
    }

    private record Question(TableName table, @Nullable String ref) {}

    /// What Trino said about a table while its catalog named this metadata file.
    private record TrinoFacts(
            String metadataLocation,
            @Nullable Long snapshotId,
            List<String> columns,
            @Nullable String anyFilePath) {}

    /// How one look at Trino and the catalog ended.
    private sealed interface Look {
        record Decided(Verdict verdict) implements Look {}

        /// A commit came between the answers of Trino and of the catalog.
        record SnapshotsDiffer() implements Look {}
    }

    /// A request under validation.
    ///
    /// @param found violations that need no look at the table
    private record Candidate(RegistrationRequest request, TableSource source, List<Violation> found) {
        TableName table() {
            return new TableName(source.getCatalog(), source.getSchema$(), source.getTableName());
        }

        Look rejected(Violation last) {
            return new Look.Decided(rejection(List.of(last)));
        }

        Verdict rejection(List<Violation> more) {
            List<Violation> all = new ArrayList<>(found);
            all.addAll(more);
            return new Verdict.Rejected(all);
        }

        /// A request that is wrong anyway does not wait for what else may be wrong with it.
        Verdict retryLater(String reason) {
            return found.isEmpty() ? new Verdict.RetryLater(reason) : new Verdict.Rejected(found);
        }
    }

    @Override
    public Verdict validate(RegistrationRequest request) {
        List<Violation> violations = RequestRules.violations(request);
        TableSource source = request.getSource();
        if (source == null
                || violations.stream().anyMatch(SourceViolations::isAboutTableName)
                || violations.stream().anyMatch(RequestRules::isTooLong)) {
            return new Verdict.Rejected(violations);
        }
        Candidate candidate = new Candidate(request, source, violations);
        try {
            for (int look = 1; look <= MAX_LOOKS; look++) {
                switch (look(candidate)) {
                    case Look.Decided decided -> {
                        return decided.verdict();
                    }
                    case Look.SnapshotsDiffer differ -> {
                        // look again
                    }
                }
            }
            return candidate.retryLater("Trino and the catalog disagree on the snapshot of the table");
        } catch (TrinoRefusedException e) {
            return candidate.rejection(List.of(SourceViolations.refused(e)));
        } catch (TrinoAwayException | LakeOutage e) {
            return candidate.retryLater(Reason.of(e));
        }
    }

    private Look look(Candidate candidate) {
        TableName name = candidate.table();
        try {
            catalogs.access().check(name);
        } catch (LakeRejection e) {
            return candidate.rejected(sourceViolations(candidate).notAllowed(e, catalogs.access()));
        }
        Future<LakeTable> loading = threads.submit(() -> catalogs.load(name));
        Question question = new Question(name, candidate.source().getRef());
        TrinoFacts known = recentFacts.get(question);
        try {
            if (known != null && known.metadataLocation().equals(result(loading).metadataLocation())) {
                return judge(candidate, result(loading), known);
            }
        } catch (LakeRejection e) {
            LOG.atDebug().addKeyValue("table", name).setCause(e).log("the table changed; asking Trino");
        }
        return askTrino(candidate, question, loading);
    }

    private Look askTrino(Candidate candidate, Question question, Future<LakeTable> loading) {
        TrinoTable table = trino.apply(candidate.source());
        Future<@Nullable String> connector = threads.submit(table::connector);
        Future<List<String>> columns = threads.submit(table::columns);
        Future<@Nullable Long> snapshot =
                threads.submit(() -> table.snapshotId(Objects.requireNonNullElse(question.ref(), MAIN)));
        Future<@Nullable String> path = threads.submit(table::anyFilePath);
        SourceViolations source = sourceViolations(candidate);
        Optional<Violation> connectorViolation = source.connector(result(connector));
        if (connectorViolation.isPresent()) {
            return candidate.rejected(connectorViolation.get());
        }
        if (result(columns).isEmpty()) {
            return candidate.rejected(source.absent());
        }
        TrinoFacts facts;
        try {
            facts = new TrinoFacts(result(loading).metadataLocation(), result(snapshot), result(columns), result(path));
        } catch (LakeRejection e) {
            return candidate.rejected(SourceViolations.of(e));
        } catch (TrinoRefusedException e) {
            return candidate.rejected(source.notIceberg(Objects.requireNonNullElse(e.getMessage(), "")));
        }
        Look look = judge(candidate, result(loading), facts);
        if (look instanceof Look.Decided decided && decided.verdict() instanceof Verdict.Accepted) {
            recentFacts.put(question, facts);
        }
        return look;
    }

    private Look judge(Candidate candidate, LakeTable table, TrinoFacts facts) {
        TableSource source = candidate.source();
        TableState state;
        try {
            state = CommitWalk.state(table, source.getRef());
            catalogs.checkFileLocations(table, state.snapshotId());
        } catch (LakeRejection e) {
            return candidate.rejected(SourceViolations.of(e));
        }
        ColumnRules columns = new ColumnRules(candidate.request(), source, table.schema(source.getRef()));
        if (!candidate.found().isEmpty() || !columns.violations().isEmpty()) {
            return new Look.Decided(candidate.rejection(columns.violations()));
        }
        if (!Objects.equals(facts.snapshotId(), state.snapshotId()) || !hasColumns(facts, columns)) {
            return new Look.SnapshotsDiffer();
        }
        Resolution resolution = resolution(source, columns, table, state, facts.anyFilePath());
        DataWarnings warnings = new DataWarnings(trino.apply(source), warningRows, warningLimit, recentCounts);
        return new Look.Decided(new Verdict.Accepted(resolution, warnings.of(candidate.request(), resolution, table)));
    }

    private static Resolution resolution(
            TableSource source, ColumnRules columns, LakeTable table, TableState state, @Nullable String anyFilePath) {
        ResolvedColumn timestamp = Objects.requireNonNull(columns.timestamp(), "a view without violations has one");
        return new Resolution(
                columns.entityColumns(),
                columns.featureColumns(),
                ResolvedSource.newBuilder()
                        .setCatalog(source.getCatalog())
                        .setSchema$(source.getSchema$())
                        .setTableName(source.getTableName())
                        .setTableUuid(state.uuid())
                        .setRef(source.getRef())
                        .setSchemaId(state.schemaId())
                        .setSnapshotId(state.snapshotId())
                        .setContentSnapshotId(state.contentSnapshotId())
                        .setMetadataLocation(table.metadataLocation())
                        .setLocation(table.location())
                        .setDataPath(DataPath.of(anyFilePath, table.location()))
                        .setTimestamp(timestamp)
                        .setCreatedTimestamp(columns.created())
                        .setTimestampZone(source.getTimestampZone())
                        .build());
    }

    private SourceViolations sourceViolations(Candidate candidate) {
        return new SourceViolations(candidate.source(), trino.apply(candidate.source()));
    }

    private static boolean hasColumns(TrinoFacts facts, ColumnRules columns) {
        List<ResolvedColumn> used = new ArrayList<>(columns.entityColumns());
        used.addAll(columns.featureColumns());
        return used.stream().allMatch(column -> {
            String name = column.getColumn().toLowerCase(Locale.ROOT);
            return facts.columns().stream().anyMatch(known -> known.equals(name) || name.startsWith(known + "."));
        });
    }

    private static <T extends @Nullable Object> T result(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrinoAwayException("interrupted", e);
        }
    }

    /// Interrupts the lookups that no verdict waited for, and returns when they have ended: the caller closes
    /// their catalogs next.
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
