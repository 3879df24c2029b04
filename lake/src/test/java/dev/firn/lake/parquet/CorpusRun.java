package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.engine.Column;
import dev.firn.lake.LakeRejection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Parquet files of other writers, read by Firn and by PyArrow, value by value. `scripts/corpus` runs it over
/// folders of files. It is not part of the gate, so its name does not end in `Test`.
///
/// A column counts as one of these: *equal*; *refused* by Firn, with its code; *not compared*, because neither
/// PyArrow nor parquet-java reads it; *different*, which fails the test. Every seventh row is read again by
/// itself, by the file's indexes.
final class CorpusRun {
    private static final int BATCH_ROWS = 1_000;
    private static final int SPARSE_STEP = 7;

    private final ObjectMapper json = new ObjectMapper();
    private final List<String> report = new ArrayList<>();
    private final Map<String, Integer> refusals = new TreeMap<>();
    private long values;
    private int differences;

    @Test
    void filesOfOtherWritersAreReadAsPyArrowReadsThem() throws IOException {
        Path folder = Path.of(System.getProperty("firn.corpus"));
        Path others = Path.of(System.getProperty("firn.corpus.values"));
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName().toString().contains(".parquet")
                            && !file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String name = folder.relativize(file).toString();
            compareColumns(
                    file,
                    name,
                    json.readTree(
                            others.resolve(name.replace('/', '~') + ".json").toFile()));
        }
        report.add("%d files, %d values equal, %d columns or files refused %s, %d columns differ"
                .formatted(
                        files.size(),
                        values,
                        refusals.values().stream().mapToInt(Integer::intValue).sum(),
                        refusals,
                        differences));
        report.forEach(System.out::println);
        assertThat(files).isNotEmpty();
        assertThat(differences).as("columns that differ").isZero();
    }

    private void compareColumns(Path file, String name, JsonNode other) throws IOException {
        List<String> columns;
        try (ParquetFile opened = ParquetFile.open(input(file), new LongAdder())) {
            columns = opened.schema().getFields().stream().map(Type::getName).toList();
        } catch (RuntimeException e) {
            refused(name, refusal(file), other.path("error").asText("reads it"));
            return;
        }
        long before = values;
        int equal = 0;
        List<String> odd = new ArrayList<>();
        for (String column : columns) {
            String outcome = compareColumn(file, column, other);
            if (outcome.isEmpty()) {
                equal++;
            } else {
                odd.add("  %s: %s".formatted(column, outcome));
            }
        }
        report.add("%s: %d of %d columns equal, %d values".formatted(name, equal, columns.size(), values - before));
        report.addAll(odd);
    }

    private void refused(String name, String why, String other) {
        refusals.merge(why.replaceFirst("(?s) .*", ""), 1, Integer::sum);
        report.add("%s: %s; PyArrow: %s".formatted(name, why, other));
    }

    private static InMemoryFile input(Path file) throws IOException {
        return new InMemoryFile(file.toString(), Files.readAllBytes(file));
    }

    private static String refusal(Path file) throws IOException {
        try (ParquetSource source = ParquetSource.open(input(file))) {
            return "read, %d rows".formatted(source.rows());
        } catch (LakeRejection e) {
            return "%s %s".formatted(e.code(), e.getMessage());
        }
    }

    /// Empty if both readers agree.
    private String compareColumn(Path file, String column, JsonNode other) throws IOException {
        List<@Nullable String> read;
        try {
            read = read(file, column, CorpusText::of);
        } catch (LakeRejection e) {
            refusals.merge(e.code(), 1, Integer::sum);
            return "%s %s; PyArrow: %s"
                    .formatted(
                            e.code(),
                            String.valueOf(e.getMessage())
                                    .replace(file.toString(), file.getFileName().toString()),
                            fault(other, column).isEmpty() ? "reads it" : fault(other, column));
        }
        List<@Nullable String> expected = new ArrayList<>();
        if (fault(other, column).isEmpty()) {
            other.path("columns")
                    .path(column)
                    .path("values")
                    .forEach(value -> expected.add(value.isNull() ? null : value.asText()));
        } else {
            try {
                expected.addAll(GroupValues.read(file, column));
                read = read(file, column, GroupValues::text);
            } catch (RuntimeException e) {
                return "not compared, Firn reads %d values; PyArrow: %s; parquet-java: %s"
                        .formatted(read.size(), fault(other, column), e);
            }
        }
        if (read.size() != expected.size()) {
            differences++;
            return "DIFFERENT: %d values, the other reader has %d".formatted(read.size(), expected.size());
        }
        for (int row = 0; row < read.size(); row++) {
            if (!same(read.get(row), expected.get(row))) {
                differences++;
                return "DIFFERENT: row %d is %s, the other reader has %s"
                        .formatted(row, read.get(row), expected.get(row));
            }
        }
        values += read.size();
        return "";
    }

    /// Why PyArrow does not read the column, or empty.
    private static String fault(JsonNode other, String column) {
        JsonNode of = other.path("columns").path(column);
        return other.path("error").asText(of.path("error").asText(of.isMissingNode() ? "no such column" : ""));
    }

    /// PyArrow holds enums as binary, and has no answer for some times.
    private static boolean same(@Nullable String firn, @Nullable String other) {
        return Objects.equals(firn, other)
                || "?".equals(other)
                || (firn != null
                        && HexFormat.of()
                                .formatHex(firn.getBytes(StandardCharsets.UTF_8))
                                .equals(other));
    }

    private static List<@Nullable String> read(
            Path file, String column, Function<@Nullable Object, @Nullable String> text) throws IOException {
        List<@Nullable String> read = new ArrayList<>();
        InMemoryFile input = input(file);
        try (ParquetSource source = ParquetSource.open(input, names -> List.of(column))) {
            NestedField field = source.schema().columns().getFirst();
            Iterator<List<Column>> batches = source.batches(List.of(column), BATCH_ROWS);
            while (batches.hasNext()) {
                Column batch = batches.next().getFirst();
                for (int row = 0; row < batch.size(); row++) {
                    read.add(text.apply(ColumnValues.value(field.type(), batch, row)));
                }
            }
            assertThat(sparse(input, field, text))
                    .as("every 7th row of %s in %s", column, file)
                    .isEqualTo(everySeventh(input, read));
        }
        return read;
    }

    private static List<@Nullable String> everySeventh(InMemoryFile input, List<@Nullable String> read) {
        List<@Nullable String> some = new ArrayList<>();
        try (ParquetFile file = ParquetFile.open(input, new LongAdder())) {
            int first = 0;
            for (int g = 0; g < file.rowGroups().size(); g++) {
                int rows = (int) file.rowGroups().get(g).getRowCount();
                for (int row = 0; row < rows; row += SPARSE_STEP) {
                    some.add(read.get(first + row));
                }
                first += rows;
            }
        }
        return some;
    }

    /// Single rows, by the file's indexes.
    private static List<@Nullable String> sparse(
            InMemoryFile input, NestedField field, Function<@Nullable Object, @Nullable String> text) {
        List<@Nullable String> some = new ArrayList<>();
        try (ParquetFile file = ParquetFile.open(input, new LongAdder());
                ReadBuffers buffers = new ReadBuffers()) {
            FileColumn column = FileSchema.ofIds(ForeignSchema.withIds(file.schema()))
                    .find(field)
                    .orElseThrow();
            for (int g = 0; g < file.rowGroups().size(); g++) {
                int rows = (int) file.rowGroups().get(g).getRowCount();
                long[] wanted = IntStream.iterate(0, row -> row < rows, row -> row + SPARSE_STEP)
                        .asLongStream()
                        .toArray();
                RowSelection selection = new RowSelection(wanted, 0, wanted.length, 0);
                if (rows == 0) {
                    continue;
                }
                try (ColumnCursor cursor = file.cursor(g, column, buffers, selection)) {
                    cursor.read(selection);
                    Column values = cursor.take();
                    for (int i = 0; i < values.size(); i++) {
                        some.add(text.apply(ColumnValues.value(field.type(), values, i)));
                    }
                }
                if (column instanceof FileColumn.Leaf leaf) {
                    file.pageIndex(g, leaf);
                    file.bloomFilter(g, leaf);
                    file.dictionary(g, leaf, buffers);
                }
            }
        }
        return some;
    }
}
