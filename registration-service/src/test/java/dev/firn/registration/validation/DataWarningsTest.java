package dev.firn.registration.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.ResolvedSource;
import dev.firn.events.Violation;
import dev.firn.registration.Views;
import dev.firn.registration.validation.TrinoTable.RowCounts;
import dev.firn.registration.validation.TrinoTable.RowSample;
import dev.firn.schemas.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each warning alone, from the metrics of real Iceberg metadata and from the counts of a fake Trino.
final class DataWarningsTest {
    private static final long MAX_ROWS = 1_000;

    private final FakeTrino trino = new FakeTrino();
    private final RecentAnswers<RowSample, RowCounts> recent = new RecentAnswers<>(Duration.ofMinutes(1));
    private LocalTables tables;
    private Table table;

    @BeforeEach
    void create(@TempDir Path folder) {
        tables = new LocalTables(folder);
        table = tables.create();
    }

    @AfterEach
    void close() {
        tables.close();
    }

    @Test
    void goodDataHasNoWarnings() {
        append(Map.of());
        trino.counts = () -> new RowCounts(10, 3, 0, 0);

        assertThat(warnings()).isEmpty();
    }

    @Test
    void aTableWithoutSnapshotIsNotLookedAt() {
        assertThat(warnings()).isEmpty();
        assertThat(trino.countQueries).hasValue(0);
    }

    @Test
    void aViewWithoutEntitiesMayBeAMistake() {
        Resolution keyed = resolution(null, "timestamptz");
        DataWarnings warnings = new DataWarnings(trino, MAX_ROWS, Duration.ZERO, recent);

        assertThat(warnings.of(
                        request().setEntities(List.of()).build(),
                        new Resolution(List.of(), keyed.features(), keyed.source()),
                        tables.load()))
                .extracting(Violation::getCode)
                .containsExactly(Code.NO_ENTITIES.name());
    }

    @Test
    void aDateNeedsADelay() {
        assertThat(warnings(request().build(), "date"))
                .extracting(Violation::getField, Violation::getCode)
                .containsExactly(tuple("available_after_micros", Code.DATE_WITHOUT_DELAY.name()));
        assertThat(warnings(request().setAvailableAfterMicros(1).build(), "date"))
                .isEmpty();
    }

    @Test
    void nullsAreCountedOverAllFiles() {
        append(Map.of(LocalTables.KEY, 2L));
        append(Map.of(LocalTables.KEY, 3L, LocalTables.TIMESTAMP, 1L));

        List<Violation> warnings = warnings();
        assertThat(warnings)
                .extracting(Violation::getField, Violation::getCode, Violation::getSampled)
                .containsExactly(
                        tuple("entities[0]", Code.NULL_KEYS.name(), false),
                        tuple("source.timestamp_field", Code.NULL_TIMESTAMPS.name(), false));
        assertThat(warnings.getFirst().getMessage()).startsWith("5 rows").contains("customer_id");
        assertThat(warnings.getLast().getMessage()).startsWith("1 rows");
    }

    @Test
    void filesThatAreNotParquetAreReported() {
        append(Map.of());
        tables.append(table, FileFormat.ORC, Map.of());

        assertThat(warnings())
                .extracting(Violation::getField, Violation::getCode)
                .containsExactly(tuple("source.table_name", Code.NOT_PARQUET.name()));
    }

    @Test
    void metricsOfMoreFilesThanTheLimitAreASample() {
        AppendFiles append = table.newFastAppend();
        for (int i = 0; i <= DataWarnings.MAX_FILES; i++) {
            append.appendFile(DataFiles.builder(table.spec())
                    .withPath("%s/data/%d.parquet".formatted(table.location(), i))
                    .withFileSizeInBytes(1_000)
                    .withMetrics(new Metrics(
                            1L, Map.of(), Map.of(), Map.of(LocalTables.KEY, 1L), Map.of(), Map.of(), Map.of()))
                    .build());
        }
        append.commit();

        Violation warning = warnings().getFirst();
        assertThat(warning.getCode()).isEqualTo(Code.NULL_KEYS.name());
        assertThat(warning.getSampled()).isTrue();
        assertThat(warning.getMessage()).startsWith(DataWarnings.MAX_FILES + " rows");
    }

    @Test
    void rowsAreCountedInTheZoneOfTheView() {
        append(Map.of());
        trino.counts = () -> new RowCounts(10, 3, 0, 0);
        Resolution utc = resolution(table.currentSnapshot().snapshotId(), "timestamp");
        Resolution tokyo = new Resolution(
                utc.entities(),
                utc.features(),
                ResolvedSource.newBuilder(utc.source())
                        .setTimestampZone("Asia/Tokyo")
                        .build());

        assertThat(new DataWarnings(trino, MAX_ROWS, Duration.ofSeconds(1), recent)
                        .of(request().build(), tokyo, tables.load()))
                .isEmpty();
        assertThat(Objects.requireNonNull(trino.counted.get()).timestampZone()).isEqualTo("Asia/Tokyo");
    }

    @Test
    void countsOfRowsGiveOneWarningEach() {
        append(Map.of());
        trino.counts = () -> new RowCounts(10, 9, 2, 1);
        assertThat(warnings())
                .extracting(Violation::getField, Violation::getCode, Violation::getSampled)
                .containsExactly(
                        tuple("source.timestamp_field", Code.FUTURE_TIMESTAMPS.name(), false),
                        tuple("source.timestamp_field", Code.DUPLICATE_ROWS.name(), false));

        append(Map.of());
        trino.counts = () -> new RowCounts(10, 10, 0, 0);
        assertThat(warnings())
                .extracting(Violation::getField, Violation::getCode)
                .containsExactly(tuple("source.table_name", Code.NO_HISTORY.name()));
    }

    @Test
    void aSingleRowHasNoHistoryToMiss() {
        append(Map.of());
        trino.counts = () -> new RowCounts(1, 1, 0, 0);

        assertThat(warnings()).isEmpty();
    }

    @Test
    void countsOfAsManyRowsAsTheLimitAreASample() {
        for (int file = 0; file < 2; file++) {
            append(Map.of());
        }
        trino.counts = () -> new RowCounts(19, 3, 1, 0);
        DataWarnings narrow = new DataWarnings(trino, 19, Duration.ofSeconds(1), recent);

        assertThat(warnings(narrow, request().build(), "timestamptz"))
                .extracting(Violation::getCode, Violation::getSampled)
                .containsExactly(tuple(Code.FUTURE_TIMESTAMPS.name(), true));
    }

    @Test
    void theSameQuestionIsAskedOnce() {
        append(Map.of());
        trino.counts = () -> new RowCounts(10, 3, 1, 0);
        assertThat(warnings()).hasSize(1);
        assertThat(warnings()).hasSize(1);
        assertThat(trino.countQueries).hasValue(1);

        append(Map.of());
        warnings();
        assertThat(trino.countQueries).hasValue(2);
    }

    @Test
    void withoutAnAnswerThereAreOnlyWarningsFromMetrics() {
        append(Map.of(LocalTables.KEY, 1L));
        trino.counts = () -> {
            throw FakeTrino.away();
        };
        assertThat(warnings()).extracting(Violation::getCode).containsExactly(Code.NULL_KEYS.name());
        trino.counts = () -> {
            throw FakeTrino.refused();
        };
        assertThat(warnings()).extracting(Violation::getCode).containsExactly(Code.NULL_KEYS.name());
        assertThat(trino.countQueries).hasValue(2);
    }

    @Test
    void aLimitOfZeroAsksNothing() {
        append(Map.of());
        DataWarnings silent = new DataWarnings(trino, MAX_ROWS, Duration.ZERO, recent);

        assertThat(warnings(silent, request().build(), "timestamptz")).isEmpty();
        assertThat(trino.countQueries).hasValue(0);
    }

    private void append(Map<Integer, Long> nulls) {
        tables.append(table, FileFormat.PARQUET, nulls);
    }

    private List<Violation> warnings() {
        return warnings(request().build(), "timestamptz");
    }

    private List<Violation> warnings(RegistrationRequest request, String timestampType) {
        DataWarnings warnings = new DataWarnings(trino, MAX_ROWS, Duration.ofSeconds(1), recent);
        return warnings(warnings, request, timestampType);
    }

    private List<Violation> warnings(DataWarnings warnings, RegistrationRequest request, String timestampType) {
        table.refresh();
        Long snapshotId =
                table.currentSnapshot() == null ? null : table.currentSnapshot().snapshotId();
        return warnings.of(request, resolution(snapshotId, timestampType), tables.load());
    }

    private static Resolution resolution(@Nullable Long snapshotId, String timestampType) {
        Resolution accepted = Views.accepted(request().build(), 100).resolution();
        return new Resolution(
                accepted.entities(),
                accepted.features(),
                ResolvedSource.newBuilder(accepted.source())
                        .setSnapshotId(snapshotId)
                        .setTimestamp(Views.column("updated_at", LocalTables.TIMESTAMP, timestampType, ""))
                        .build());
    }

    private static RegistrationRequest.Builder request() {
        return Views.request("r1");
    }
}
