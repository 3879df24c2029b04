package dev.firn.registration.validation;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.TableSource;
import dev.firn.events.Violation;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.CommitWalk;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.NearestName;
import dev.firn.lake.catalog.TableState;
import dev.firn.registration.validation.TrinoClient.TrinoAwayException;
import dev.firn.registration.validation.TrinoClient.TrinoRefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Validates against what Trino and the Iceberg catalog say of the table, in one look at both.
///
/// Trino tells whether the table is there for people's queries and is Iceberg, and where its files lie; field ids,
/// types and the snapshot come from Iceberg's metadata, since Trino lower-cases names and hides ids. The two are asked
/// side by side. They must speak of the same snapshot: a commit may come between, so they are asked again, at most
/// [#MAX_LOOKS] times.
///
/// Iceberg's metadata files never change, so what Trino said of a table is still right while the catalog, which is
/// asked every time, names the same metadata file: registrations in a row on one table ask Trino once.
public final class TrinoViewValidator implements ViewValidator, AutoCloseable {
    public static final int MAX_LOOKS = 3;
    private static final Logger LOG = LoggerFactory.getLogger(TrinoViewValidator.class);
    private static final String MAIN = "main";
    private static final Duration MAX_AGE = Duration.ofSeconds(30);

    private final TrinoClient trino;
    private final Catalogs catalogs;
    private final long warningRows;
    private final Duration warningLimit;
    private final RecentAnswers<Question, Facts> recentFacts = new RecentAnswers<>(MAX_AGE);
    private final RecentAnswers<String, DataWarnings.Counts> recentCounts = new RecentAnswers<>(MAX_AGE);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private record Question(TableName table, @Nullable String ref) {}

    /// What Trino said of a table whose metadata lay there.
    private record Facts(
            String metadataLocation,
            @Nullable Long snapshotId,
            List<String> columns,
            @Nullable String anyFilePath) {}

    /// @param warningRows rows that the query behind the warnings looks at, at most
    /// @param warningLimit of that query; zero: there is none
    public TrinoViewValidator(TrinoClient trino, Catalogs catalogs, long warningRows, Duration warningLimit) {
        this.trino = trino;
        this.catalogs = catalogs;
        this.warningRows = warningRows;
        this.warningLimit = warningLimit;
    }

    @Override
    public Verdict validate(RegistrationRequest request) {
        List<Violation> violations = new ArrayList<>(RequestRules.violations(request));
        TableSource source = request.getSource();
        if (source == null || violations.stream().anyMatch(TrinoViewValidator::isAboutTableName)) {
            return new Verdict.Rejected(violations);
        }
        try {
            for (int look = 1; look <= MAX_LOOKS; look++) {
                Verdict verdict = look(request, source, violations);
                if (verdict != null) {
                    return verdict;
                }
            }
            return later(violations, "Trino and the catalog disagree on the snapshot of the table");
        } catch (TrinoRefusedException e) {
            return rejected(
                    violations,
                    Findings.of(
                            "TRINO_REFUSED",
                            "source",
                            "Trino tells nothing of the table: " + Objects.requireNonNullElse(e.getMessage(), "")));
        } catch (TrinoAwayException | LakeOutage e) {
            return later(violations, Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
    }

    /// A request that is wrong anyway need not wait for what else may be wrong with it.
    private static Verdict later(List<Violation> violations, String reason) {
        return violations.isEmpty() ? new Verdict.RetryLater(reason) : new Verdict.Rejected(violations);
    }

    private static boolean isAboutTableName(Violation violation) {
        return violation.getField().equals("source.catalog")
                || violation.getField().equals("source.schema")
                || violation.getField().equals("source.table_name");
    }

    /// @return null when Trino and the catalog spoke of different snapshots
    private @Nullable Verdict look(RegistrationRequest request, TableSource source, List<Violation> before) {
        TableName name = new TableName(source.getCatalog(), source.getSchema$(), source.getTableName());
        try {
            catalogs.access().check(name);
        } catch (LakeRejection e) {
            return rejected(before, notAllowed(new TrinoTable(trino, source), e));
        }
        Future<LakeTable> loading = threads.submit(() -> catalogs.load(name));
        Question question = new Question(name, source.getRef());
        Facts known = recentFacts.get(question);
        try {
            if (known != null && known.metadataLocation().equals(result(loading).metadataLocation())) {
                return judged(request, source, before, result(loading), known);
            }
        } catch (LakeRejection e) {
            LOG.atDebug().addKeyValue("table", name).setCause(e).log("the table changed; Trino is asked");
        }
        return asked(request, source, before, question, loading);
    }

    private @Nullable Verdict asked(
            RegistrationRequest request,
            TableSource source,
            List<Violation> before,
            Question question,
            Future<LakeTable> loading) {
        TrinoTable table = new TrinoTable(trino, source);
        Future<@Nullable String> connector = threads.submit(table::connector);
        Future<List<String>> columns = threads.submit(table::columns);
        Future<@Nullable Long> snapshot =
                threads.submit(() -> table.snapshotId(Objects.requireNonNullElse(source.getRef(), MAIN)));
        Future<@Nullable String> path = threads.submit(table::anyFilePath);
        Violation absent = absent(table, source, connector, columns);
        if (absent != null) {
            return rejected(before, absent);
        }
        Facts facts;
        try {
            facts = new Facts(result(loading).metadataLocation(), result(snapshot), result(columns), result(path));
        } catch (LakeRejection e) {
            return rejected(before, violation(e));
        } catch (TrinoRefusedException e) {
            return rejected(before, notIceberg(source, Objects.requireNonNullElse(e.getMessage(), "")));
        }
        Verdict verdict = judged(request, source, before, result(loading), facts);
        if (verdict instanceof Verdict.Accepted) {
            recentFacts.put(question, facts);
        }
        return verdict;
    }

    /// @return null when Trino and the catalog spoke of different snapshots
    private @Nullable Verdict judged(
            RegistrationRequest request, TableSource source, List<Violation> before, LakeTable lake, Facts facts) {
        TableState state;
        try {
            state = CommitWalk.state(lake, source.getRef());
        } catch (LakeRejection e) {
            return rejected(before, violation(e));
        }
        ColumnRules rules = new ColumnRules(request, source, lake.schema(source.getRef()));
        List<Violation> violations = new ArrayList<>(before);
        violations.addAll(rules.violations());
        if (!violations.isEmpty()) {
            return new Verdict.Rejected(violations);
        }
        if (!Objects.equals(facts.snapshotId(), state.snapshotId()) || !trinoKnows(facts.columns(), rules)) {
            return null;
        }
        Resolution resolution = resolution(source, rules, lake, state, facts.anyFilePath());
        DataWarnings warnings =
                new DataWarnings(new TrinoTable(trino, source), warningRows, warningLimit, recentCounts);
        return new Verdict.Accepted(resolution, warnings.of(request, resolution, lake));
    }

    private static Resolution resolution(
            TableSource source, ColumnRules rules, LakeTable lake, TableState state, @Nullable String anyFilePath) {
        ResolvedColumn timestamp = Objects.requireNonNull(rules.timestamp(), "a view without violations has one");
        return new Resolution(
                rules.entityColumns(),
                rules.featureColumns(),
                ResolvedSource.newBuilder()
                        .setCatalog(source.getCatalog())
                        .setSchema$(source.getSchema$())
                        .setTableName(source.getTableName())
                        .setTableUuid(state.uuid())
                        .setRef(source.getRef())
                        .setSchemaId(state.schemaId())
                        .setSnapshotId(state.snapshotId())
                        .setContentSnapshotId(state.contentSnapshotId())
                        .setMetadataLocation(lake.metadataLocation())
                        .setLocation(lake.location())
                        .setDataPath(DataPath.of(anyFilePath, lake.location()))
                        .setTimestamp(timestamp)
                        .setCreatedTimestamp(rules.created())
                        .setTimestampZone(source.getTimestampZone())
                        .build());
    }

    /// What is missing on the way to the table, by what Trino says; null: nothing.
    private @Nullable Violation absent(
            TrinoTable table, TableSource source, Future<@Nullable String> connector, Future<List<String>> columns) {
        String behind = result(connector);
        if (behind == null) {
            return Findings.of(
                    "CATALOG_NOT_FOUND", "source.catalog", "Trino has no catalog '%s'".formatted(source.getCatalog()));
        }
        if (!behind.equals("iceberg")) {
            return notIceberg(source, "catalog '%s' is %s".formatted(source.getCatalog(), behind));
        }
        if (!result(columns).isEmpty()) {
            return null;
        }
        List<String> schemas = table.schemas();
        if (!schemas.contains(source.getSchema$())) {
            return Findings.misspelt(
                    "SCHEMA_NOT_FOUND",
                    "source.schema",
                    "catalog '%s' has no schema '%s'".formatted(source.getCatalog(), source.getSchema$()),
                    NearestName.of(source.getSchema$(), schemas).orElse(null));
        }
        return Findings.misspelt(
                "TABLE_NOT_FOUND",
                "source.table_name",
                "schema '%s.%s' has no table '%s'"
                        .formatted(source.getCatalog(), source.getSchema$(), source.getTableName()),
                NearestName.of(source.getTableName(), table.tables()).orElse(null));
    }

    /// A catalog that nobody has is told apart from one that may not be read.
    private Violation notAllowed(TrinoTable table, LakeRejection refusal) {
        Violation violation = violation(refusal);
        if (violation.getCode().equals("CATALOG_NOT_ALLOWED") && table.connector() == null) {
            return Findings.misspelt(
                    "CATALOG_NOT_FOUND",
                    "source.catalog",
                    "there is no catalog '%s'".formatted(table.catalog()),
                    NearestName.of(table.catalog(), catalogs.access().catalogs())
                            .orElse(null));
        }
        return violation;
    }

    private static Violation notIceberg(TableSource source, String why) {
        return Findings.of(
                "TABLE_NOT_ICEBERG",
                "source.table_name",
                "%s.%s.%s is no Iceberg table: %s"
                        .formatted(source.getCatalog(), source.getSchema$(), source.getTableName(), why));
    }

    private static Violation violation(LakeRejection e) {
        String field =
                switch (e.lakeCode()) {
                    case CATALOG_NOT_ALLOWED -> "source.catalog";
                    case SCHEMA_NOT_ALLOWED, SCHEMA_NOT_FOUND -> "source.schema";
                    case REF_NOT_FOUND -> "source.ref";
                    default -> "source.table_name";
                };
        return Findings.misspelt(
                e.code(),
                field,
                Objects.requireNonNullElse(e.getMessage(), e.code()),
                e.suggestion().orElse(null));
    }

    private static boolean trinoKnows(List<String> trinoColumns, ColumnRules rules) {
        List<ResolvedColumn> used = new ArrayList<>(rules.entityColumns());
        used.addAll(rules.featureColumns());
        return used.stream()
                .allMatch(column -> trinoColumns.contains(column.getColumn().toLowerCase(Locale.ROOT)));
    }

    private static Verdict rejected(List<Violation> before, Violation last) {
        List<Violation> all = new ArrayList<>(before);
        all.add(last);
        return new Verdict.Rejected(all);
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

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
