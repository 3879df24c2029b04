package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.testkit.CacheFate;
import dev.firn.testkit.oracle.BruteForceJoin;
import dev.firn.testkit.oracle.BruteForceJoin.Created;
import dev.firn.testkit.oracle.FeatureRow;
import dev.firn.testkit.oracle.SpineRow;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random tables and spines through the whole retrieval, against a brute-force join and, where ties cannot
/// differ, against DuckDB's `ASOF LEFT JOIN`.
final class DifferentialTest {
    private static final Instant START = Instant.parse("2024-01-01T00:00:00Z");
    private static final int FILES = 4;
    private static final int ROWS_PER_FILE = 60;
    private static final int SPINE_ROWS = 150;

    /// Memory to keep metadata: none, too little for all of it, and ample.
    private static final long[] METADATA_BYTES = {0, 6_000, 32L << 20};

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void agreesWithTheBruteForceJoin(long seed, @TempDir Path folder) {
        Random random = new Random(seed);
        try (LakeFixture lake =
                new LakeFixture(folder, METADATA_BYTES[(int) seed % METADATA_BYTES.length], CacheFate.of(seed))) {
            Table facts = lake.table("facts", "id long, event timestamptz, created timestamptz, value int");
            List<FeatureRow> features = new ArrayList<>();
            for (int f = 0; f < FILES; f++) {
                append(lake, facts, random, features, f);
            }
            long ttl = random.nextBoolean() ? 0 : 1_000_000L * (1 + random.nextInt(30));
            long availableAfter = random.nextBoolean() ? 0 : 1_000_000L * random.nextInt(5);
            lake.register(lake.view(facts, List.of("id"), List.of("value"))
                    .setTtlMicros(ttl)
                    .setAvailableAfterMicros(availableAfter));
            List<SpineRow> spine = new ArrayList<>();
            Spine event = spine(random, spine);

            for (Created created : Created.values()) {
                List<String> expected = new BruteForceJoin(ttl, availableAfter, created)
                        .join(spine, features).stream()
                                .map(match -> match.isFound()
                                        ? String.valueOf(features.get(match.featureRow())
                                                .values()
                                                .getFirst())
                                        : "null")
                                .toList();
                ResultTable result = lake.withRowsPerFile(1 + random.nextInt(SPINE_ROWS))
                        .retrieve(request(event, "facts:value").setFilterByCreated(created == Created.FILTERS));
                assertThat(result.column("value"))
                        .as("seed %d, %s", seed, created)
                        .isEqualTo(expected);
                assertThat(result.completed().views().getFirst().getAmbiguous())
                        .as("seed %d, %s", seed, created)
                        .isEqualTo(new BruteForceJoin(ttl, availableAfter, created)
                                .join(spine, features).stream()
                                        .filter(match -> match.ambiguous())
                                        .count());
            }
        }
    }

    /// Commits one file, so that sequence numbers decide ties between files and positions decide them within a file.
    /// Deletes some rows again.
    private static void append(LakeFixture lake, Table facts, Random random, List<FeatureRow> features, int ordinal) {
        List<String> rows = new ArrayList<>();
        List<FeatureRow> added = new ArrayList<>();
        for (int i = 0; i < ROWS_PER_FILE; i++) {
            Long id = random.nextInt(20) == 0 ? null : (long) random.nextInt(8);
            Instant event = random.nextInt(20) == 0 ? null : START.plusSeconds(random.nextInt(40));
            Instant created = random.nextInt(4) == 0 ? null : START.plusSeconds(random.nextInt(60));
            int value = ordinal * ROWS_PER_FILE + i;
            rows.add(id + " | " + event + " | " + created + " | " + value);
            added.add(FeatureRow.of(id, nanos(event), nanos(created), value, value));
        }
        DataFile file = lake.append(facts, rows.toArray(String[]::new));
        int deleted = random.nextInt(ROWS_PER_FILE);
        TableFiles.deletePositions(facts, file, deleted);
        added.remove(deleted);
        features.addAll(added);
    }

    private static Spine spine(Random random, List<SpineRow> rows) {
        List<List<String>> texts = new ArrayList<>();
        for (int i = 0; i < SPINE_ROWS; i++) {
            Long id = random.nextInt(20) == 0 ? null : (long) random.nextInt(10);
            Instant time = random.nextInt(20) == 0 ? null : START.plusSeconds(random.nextInt(70) - 5L);
            rows.add(SpineRow.of(id, nanos(time)));
            texts.add(Given.row(String.valueOf(id), String.valueOf(time)));
        }
        return Spine.newBuilder()
                .setKind(SpineKind.ROWS)
                .setColumns(List.of("id", "event_timestamp"))
                .setRows(texts)
                .build();
    }

    private static @Nullable BigInteger nanos(@Nullable Instant instant) {
        return instant == null ? null : BruteForceJoin.nanos(instant);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void agreesWithDuckDbsAsofJoinWhereTiesCannotDiffer(long seed, @TempDir Path folder) throws SQLException {
        Random random = new Random(seed);
        try (LakeFixture lake = new LakeFixture(folder);
                Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement sql = duckdb.createStatement()) {
            sql.execute("SET TimeZone = 'UTC'");
            sql.execute("CREATE TABLE facts (id BIGINT, event TIMESTAMPTZ, value INT)");
            sql.execute("CREATE TABLE spine (n INT, id BIGINT, event_timestamp TIMESTAMPTZ)");
            Table facts = lake.table("facts", "id long, event timestamptz, value int");
            List<String> rows = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < 400; i++) {
                long id = random.nextInt(12);
                Instant event = START.plusMillis(random.nextInt(100_000));
                if (seen.add(id + "@" + event)) {
                    rows.add(id + " | " + event + " | " + i);
                    sql.execute("INSERT INTO facts VALUES (%d, '%s', %d)".formatted(id, event, i));
                }
            }
            lake.append(facts, rows.toArray(String[]::new));
            lake.register(lake.view(facts, List.of("id"), List.of("value")));
            List<List<String>> spine = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                long id = random.nextInt(14);
                Instant time = START.plusMillis(random.nextInt(120_000) - 10_000L);
                spine.add(List.of(Long.toString(id), time.toString()));
                sql.execute("INSERT INTO spine VALUES (%d, %d, '%s')".formatted(i, id, time));
            }
            List<String> expected = new ArrayList<>();
            try (ResultSet joined = sql.executeQuery("""
                    SELECT f.value FROM spine s ASOF LEFT JOIN facts f
                    ON s.id = f.id AND s.event_timestamp >= f.event ORDER BY s.n""")) {
                while (joined.next()) {
                    expected.add(String.valueOf(joined.getObject(1)));
                }
            }
            ResultTable result = lake.retrieve(request(
                    Spine.newBuilder()
                            .setKind(SpineKind.ROWS)
                            .setColumns(List.of("id", "event_timestamp"))
                            .setRows(spine)
                            .build(),
                    "facts:value"));

            assertThat(result.column("value")).as("seed %d", seed).isEqualTo(expected);
        }
    }
}
