package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Damages each kind of file that a retrieval reads, at random. Whatever a reader throws then, the answer is a
/// result or a code at the first attempt, in words that name the file and no class.
@Timeout(300)
final class DamagedLakeTest {
    private static final int ROUNDS = 16;
    private static final long AMPLE_METADATA_BYTES = 32L << 20;
    private static final Set<String> CODES = Set.of(
            "FILE_UNREADABLE",
            "FILE_NOT_FOUND",
            "SNAPSHOT_EXPIRED",
            "UNSUPPORTED_TABLE",
            "DATA_LOCATION_NOT_ALLOWED",
            "TABLE_REPLACED",
            "VIEW_BROKEN",
            "SNAPSHOT_NOT_FOUND",
            "REF_NOT_FOUND",
            "SPINE_UNREADABLE",
            "SPINE_CHANGED",
            "SPINE_KEY_MISSING",
            "SPINE_TIMESTAMP_MISSING",
            "SPINE_TIMESTAMP_TYPE",
            "SPINE_VALUE_INVALID",
            "KEY_TYPE_MISMATCH",
            "COLUMN_COLLISION");
    private static final Pattern CLASS_NAME =
            Pattern.compile("Exception|Error\\b|\\b(java|org|com|dev|software)\\.[a-z]+\\.");

    private final long seed = Long.getLong("firn.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private LakeFixture lake;
    private Path warehouse;
    private String dataFile;
    private RetrievalRequest.Builder request;
    /// Its spine is the table.
    private RetrievalRequest.Builder tableRequest;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        lake = new LakeFixture(folder, random.nextBoolean() ? AMPLE_METADATA_BYTES : 0);
        warehouse = folder.resolve("warehouse");
        Table facts = lake.facts("facts", "9 | 2024-01-01 | 90");
        DataFile rows = lake.append(facts, "1 | 2024-01-01 | 10", "2 | 2024-01-01 | 20", "3 | 2024-01-01 | 30");
        TableFiles.deletePositions(facts, rows, 2);
        dataFile = rows.location().substring(rows.location().lastIndexOf('/') + 1);
        request = request(
                files(
                        SpineKind.PARQUET,
                        lake.spineParquet(
                                "ids.parquet",
                                TableText.schema("id long, event_timestamp timestamptz"),
                                "1 | 2024-02-01",
                                "2 | 2024-02-01")),
                "facts:value");
        tableRequest = request(
                        Spine.newBuilder(table("iceberg.gold.facts"))
                                .setTimestampColumn("event")
                                .build(),
                        "facts:value")
                .setFullFeatureNames(true);
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file :
                    all.filter(path -> path.toString().endsWith(".crc")).toList()) {
                Files.delete(file);
            }
        }
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void everyDamageIsAnsweredAtOnceAndInWords() throws IOException {
        Map<String, Map<String, Integer>> answers = new TreeMap<>();
        for (Path file : targets()) {
            byte[] sound = Files.readAllBytes(file);
            for (int round = 0; round < ROUNDS; round++) {
                Files.write(file, damaged(sound, round));
                String answer = answer(file, round % 2 == 0 ? request : tableRequest);
                answers.computeIfAbsent(kind(file), _ -> new HashMap<>()).merge(answer, 1, Integer::sum);
            }
            Files.write(file, sound);
            assertThat(lake.retrieve(request).column("value")).containsExactly("10", "20");
            assertThat(lake.retrieve(tableRequest).column("facts__value")).containsExactly("90", "10", "20");
        }
        System.out.println("-Dfirn.seed=" + seed + " " + answers);
        assertThat(answers.keySet())
                .contains("data", "data or delete", "manifest", "manifest list", "metadata", "spine");
    }

    private byte[] damaged(byte[] sound, int round) {
        return switch (round) {
            case 0 -> new byte[0];
            case 1 -> new byte[sound.length];
            case 2 -> "<Error><Code>SlowDown</Code></Error>".getBytes(StandardCharsets.UTF_8);
            case 3 -> Arrays.copyOf(sound, sound.length + 100);
            default -> {
                if (round % 4 == 0) {
                    yield Arrays.copyOf(sound, random.nextInt(sound.length));
                }
                byte[] flipped = sound.clone();
                for (int i = 0; i <= round % 4; i++) {
                    flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
                }
                yield flipped;
            }
        };
    }

    private String answer(Path damaged, RetrievalRequest.Builder asked) {
        try {
            lake.retrieve(asked);
            return "rows";
        } catch (RetrievalRejected rejected) {
            for (Violation violation : rejected.violations()) {
                assertThat(CODES)
                        .as("%s, -Dfirn.seed=%d: %s", damaged, seed, violation)
                        .contains(violation.getCode());
                assertThat(CLASS_NAME.matcher(violation.getMessage()).find())
                        .as("a class is named, -Dfirn.seed=%d: %s", seed, violation.getMessage())
                        .isFalse();
            }
            return rejected.violations().getFirst().getCode();
        } catch (RuntimeException e) {
            throw new AssertionError("%s, -Dfirn.seed=%d".formatted(damaged, seed), e);
        }
    }

    private List<Path> targets() throws IOException {
        try (Stream<Path> tables = Files.walk(warehouse);
                Stream<Path> spines = Files.walk(Path.of(lake.spines()))) {
            return Stream.concat(tables, spines)
                    .filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".crc"))
                    .toList();
        }
    }

    private String kind(Path file) {
        String name = file.getFileName().toString();
        if (name.endsWith(".metadata.json")) {
            return "metadata";
        }
        if (name.startsWith("snap-")) {
            return "manifest list";
        }
        if (name.endsWith(".avro")) {
            return "manifest";
        }
        return name.startsWith("ids") ? "spine" : name.equals(dataFile) ? "data" : "data or delete";
    }
}
