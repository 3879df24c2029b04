package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.parquet.PatchedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageLocation;
import org.apache.parquet.format.PageType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Rule 14: everything in a Parquet file that only helps to skip may be wrong or unreadable. Rows are found without it,
/// and the file is counted.
final class DistrustedIndexesTest {
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final OffsetDateTime NOON = OffsetDateTime.parse("2024-03-01T12:00:00.000001Z");
    private static final int ROWS = 400;
    private static final int PAGE = 50;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temporary;

    private Path folder = Path.of("");

    private void in(String name) {
        folder = temporary.resolve(name);
    }

    private FeatureTable table(Type key, String... properties) {
        return FeatureTable.create(
                temporary.resolve(folder),
                new Schema(
                        NestedField.optional(1, "id", key),
                        NestedField.optional(2, "ts", Types.TimestampType.withZone()),
                        NestedField.optional(3, "v", Types.LongType.get())),
                PartitionSpec.unpartitioned(),
                2,
                properties);
    }

    /// Row i has the id i, or its text, and the value 1000 + i; pages have 50 rows.
    private FeatureTable patched(FeatureTable table, IntStream ids, boolean asText, UnaryOperator<PatchedFile> patch)
            throws IOException {
        List<Record> rows = new ArrayList<>();
        ids.forEach(id -> rows.add(table.row(
                "id",
                asText ? (Object) ("key-" + id) : (Object) (long) id,
                "ts",
                NOON.plusSeconds(id),
                "v",
                1000L + id)));
        DataFile written = table.write(rows).getFirst();
        Path path = Path.of(written.location());
        byte[] bytes = patch.apply(new PatchedFile(Files.readAllBytes(path))).bytes();
        Files.delete(path.resolveSibling("." + path.getFileName() + ".crc"));
        Files.write(path, bytes);
        table.table
                .newAppend()
                .appendFile(DataFiles.builder(table.table.spec())
                        .copy(written)
                        .withFileSizeInBytes(bytes.length)
                        .build())
                .commit();
        return table;
    }

    private FeatureTable longs(UnaryOperator<PatchedFile> patch, String... properties) throws IOException {
        List<String> all = new ArrayList<>(List.of("write.parquet.dict-size-bytes", "8"));
        all.addAll(List.of(properties));
        return patched(table(Types.LongType.get(), all.toArray(String[]::new)), IntStream.range(0, ROWS), false, patch);
    }

    private static ScannedRows scan(FeatureTable table, KeyOrder order, Column wanted) {
        return new ScannedRows(
                table.head(),
                COLUMNS,
                ScanBounds.of(List.of(wanted), List.of(order), Long.MIN_VALUE, Long.MAX_VALUE),
                ScanSettings.DEFAULTS);
    }

    private static ScannedRows scan(FeatureTable table, long... wanted) {
        return scan(table, KeyOrder.LONG, LongColumn.of(wanted));
    }

    /// Every row has the value of its key, and the wanted keys are there.
    private static void right(ScannedRows scanned, long... wanted) {
        for (String row : scanned.rows) {
            String[] cells = row.substring(1, row.length() - 1).split(", ", -1);
            assertThat(Long.parseLong(cells[2])).as(row).isEqualTo(1000 + Long.parseLong(cells[0]));
        }
        for (long key : wanted) {
            assertThat(scanned.rows).anyMatch(row -> row.startsWith("[" + key + ","));
        }
    }

    private static void ignored(ScannedRows scanned, String what) {
        assertThat(scanned.plan.counts().ignoredParts().values())
                .singleElement()
                .satisfies(why -> assertThat(why).contains(what));
    }

    private static PageLocation page(OffsetIndex index, int page) {
        return index.getPage_locations().get(page);
    }

    private static Arguments offsets(String what, Consumer<OffsetIndex> change) {
        return Arguments.of(what, change);
    }

    static List<Arguments> wrongOffsets() {
        return List.of(
                offsets("first row", index -> page(index, 0).setFirst_row_index(1)),
                offsets("same row", index -> page(index, 2).setFirst_row_index(50)),
                offsets("falling rows", index -> page(index, 2).setFirst_row_index(20)),
                offsets("negative row", index -> page(index, 2).setFirst_row_index(-20)),
                offsets("row beyond the end", index -> page(index, 7).setFirst_row_index(ROWS)),
                offsets("no pages", index -> index.setPage_locations(List.of())),
                offsets("offset before the chunk", index -> page(index, 0).setOffset(0)),
                offsets("offset beyond the chunk", index -> page(index, 7).setOffset(1L << 40)),
                offsets("negative offset", index -> page(index, 3).setOffset(Long.MIN_VALUE)),
                offsets("size beyond the chunk", index -> page(index, 7).setCompressed_page_size(1 << 30)),
                offsets("negative size", index -> page(index, 3).setCompressed_page_size(-5)),
                offsets("pages swapped", index -> {
                    long offset = page(index, 3).getOffset();
                    page(index, 3).setOffset(page(index, 4).getOffset());
                    page(index, 4).setOffset(offset);
                }),
                offsets("surplus page", index -> index.addToPage_locations(page(index, 7))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongOffsets")
    void anOffsetIndexThatCannotBeRightIsIgnored(String what, Consumer<OffsetIndex> change) throws IOException {
        for (String column : List.of("id", "v")) {
            in(column);
            FeatureTable table = longs(file -> file.offsetIndex(column, change));
            right(scan(table, 160), 160);
            ScannedRows all = scan(table, LongStream.range(0, ROWS).toArray());
            right(all, 0, 160, 399);
            assertThat(all.rows).hasSize(ROWS);
            ignored(all, "offset index of column " + column);
        }
    }

    /// The keys around the border of two pages, and some of each page; with `-Dfirn.keys=all`, all keys.
    private static long[] eachOnItsOwn() {
        boolean all = System.getProperty("firn.keys", "").equals("all");
        return LongStream.range(0, ROWS)
                .filter(key -> all || key % PAGE < 2 || key % PAGE >= PAGE - 2 || key % 7 == 0)
                .toArray();
    }

    /// One page too early, too late, lost, or another page's place.
    static List<Arguments> shiftedOffsets() {
        return List.of(
                offsets("first row + 1", index -> page(index, 3).setFirst_row_index(151)),
                offsets("first row - 1", index -> page(index, 3).setFirst_row_index(149)),
                offsets("a page is missing", index -> index.getPage_locations().remove(3)),
                offsets(
                        "the last page is missing",
                        index -> index.getPage_locations().remove(7)),
                offsets(
                        "within a page",
                        index -> page(index, 3).setOffset(page(index, 3).getOffset() + 3)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shiftedOffsets")
    void aShiftedOffsetIndexGivesTheValueOrARefusal(String what, Consumer<OffsetIndex> change) throws IOException {
        for (String column : List.of("id", "v")) {
            in(column);
            FeatureTable table = longs(file -> file.offsetIndex(column, change));
            for (long key : eachOnItsOwn()) {
                right(scan(table, key), key);
            }
            for (long[] keys : new long[][] {
                {100, 150, 199, 200, 250}, LongStream.range(0, ROWS).toArray()
            }) {
                try {
                    right(scan(table, keys), keys);
                } catch (LakeRejection refusal) {
                    assertThat(refusal.code()).isEqualTo("FILE_UNREADABLE");
                    assertThat(refusal).hasMessageContaining("row group 0").hasMessageContaining("column " + column);
                }
            }
        }
    }

    private static Arguments bounds(String what, Consumer<ColumnIndex> change) {
        return Arguments.of(what, change);
    }

    static List<Arguments> wrongBounds() {
        return List.of(
                bounds("surplus entries", index -> {
                    index.addToNull_pages(false);
                    index.addToMin_values(index.getMin_values().getLast());
                    index.addToMax_values(index.getMax_values().getLast());
                    index.addToNull_counts(0);
                }),
                bounds(
                        "surplus bound",
                        index -> index.addToMin_values(index.getMin_values().getLast())),
                bounds("surplus null count", index -> index.addToNull_counts(0)),
                bounds("no null flags", index -> index.setNull_pages(List.of())),
                bounds("a bound is missing", index -> index.getMax_values().removeLast()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongBounds")
    void aColumnIndexThatDoesNotFitItsPagesIsIgnored(String what, Consumer<ColumnIndex> change) throws IOException {
        FeatureTable table = longs(file -> file.columnIndex("id", change));
        ScannedRows some = scan(table, 160, 390);
        right(some, 160, 390);
        ignored(some, "column index of column id");
    }

    static List<Arguments> contradictoryBounds() {
        return List.of(
                bounds("least above greatest", index -> {
                    List<ByteBuffer> least = index.getMin_values();
                    index.setMin_values(index.getMax_values());
                    index.setMax_values(least);
                }),
                bounds("bounds too short", index -> {
                    index.getMin_values().replaceAll(bound -> ByteBuffer.allocate(3));
                    index.getMax_values().replaceAll(bound -> ByteBuffer.allocate(3));
                }),
                bounds("bounds too long", index -> {
                    index.getMin_values().replaceAll(bound -> ByteBuffer.allocate(9));
                    index.getMax_values().replaceAll(bound -> ByteBuffer.allocate(9));
                }),
                bounds("empty bounds", index -> {
                    index.getMin_values().replaceAll(bound -> ByteBuffer.allocate(0));
                    index.getMax_values().replaceAll(bound -> ByteBuffer.allocate(0));
                }),
                bounds("null pages with bounds", index -> index.setNull_pages(Collections.nCopies(8, true))),
                bounds("null pages without nulls", index -> {
                    index.setNull_pages(Collections.nCopies(8, true));
                    index.getMin_values().replaceAll(bound -> ByteBuffer.allocate(0));
                    index.getMax_values().replaceAll(bound -> ByteBuffer.allocate(0));
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contradictoryBounds")
    void contradictoryBoundsOfPagesHideNothing(String what, Consumer<ColumnIndex> change) throws IOException {
        FeatureTable table = longs(file -> file.columnIndex("id", change).columnIndex("ts", change));
        right(scan(table, 160, 390), 160, 390);
    }

    @Test
    void indexesThatCannotBeParsedOrReachedAreIgnored() throws IOException {
        byte[] garbage = new byte[40];
        Arrays.fill(garbage, (byte) 0xA7);
        List<UnaryOperator<PatchedFile>> patches = List.of(
                file -> file.chunks("id", chunk -> file.rawColumnIndex(chunk, garbage)),
                file -> file.chunks("id", chunk -> file.rawOffsetIndex(chunk, garbage)),
                file -> file.chunks("id", chunk -> file.rawColumnIndex(chunk, new byte[0])),
                file -> file.chunks("id", chunk -> chunk.setColumn_index_offset(1L << 40)),
                file -> file.chunks("id", chunk -> chunk.setOffset_index_offset(-7)),
                file -> file.chunks("id", chunk -> chunk.setOffset_index_length(Integer.MAX_VALUE)),
                file -> file.chunks("id", chunk -> chunk.setColumn_index_length(-1)));
        for (int i = 0; i < patches.size(); i++) {
            in("patch" + i);
            FeatureTable table = longs(patches.get(i));
            ScannedRows some = scan(table, 160, 390);
            right(some, 160, 390);
            ignored(some, "index of column id");
        }
    }

    @Test
    void bloomFiltersThatCannotBeRightAreIgnored() throws IOException {
        List<Consumer<PatchedFile>> patches = List.of(
                file -> file.chunks("id", chunk -> chunk.getMeta_data().setBloom_filter_offset(1L << 40)),
                file -> file.chunks("id", chunk -> chunk.getMeta_data().setBloom_filter_offset(4)),
                file -> file.chunks(
                        "id",
                        chunk -> chunk.getMeta_data()
                                .setBloom_filter_length(chunk.getMeta_data().getBloom_filter_length() - 8)),
                file -> file.chunks("id", chunk -> zeroBloom(file, chunk)),
                file -> file.chunks(
                        "id", chunk -> chunk.getMeta_data().setBloom_filter_offset(file.append(new byte[] {0, 0, 0}))));
        for (int i = 0; i < patches.size(); i++) {
            int patch = i;
            in("patch" + i);
            FeatureTable table = longs(
                    file -> {
                        patches.get(patch).accept(file);
                        return file;
                    },
                    "write.parquet.bloom-filter-enabled.column.id",
                    "true");
            ScannedRows some = scan(table, 160, 390);
            right(some, 160, 390);
            ignored(some, "Bloom filter of column id");
        }
    }

    private static void zeroBloom(PatchedFile file, ColumnChunk chunk) {
        try {
            org.apache.parquet.format.BloomFilterHeader header = new org.apache.parquet.format.BloomFilterHeader(
                    64,
                    org.apache.parquet.format.BloomFilterAlgorithm.BLOCK(
                            new org.apache.parquet.format.SplitBlockAlgorithm()),
                    org.apache.parquet.format.BloomFilterHash.XXHASH(new org.apache.parquet.format.XxHash()),
                    org.apache.parquet.format.BloomFilterCompression.UNCOMPRESSED(
                            new org.apache.parquet.format.Uncompressed()));
            java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
            org.apache.parquet.format.Util.writeBloomFilterHeader(header, out);
            out.writeBytes(new byte[64]);
            chunk.getMeta_data().setBloom_filter_offset(file.append(out.toByteArray()));
            chunk.getMeta_data().setBloom_filter_length(out.size());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void statisticsThatCannotBeDecodedAreIgnored() throws IOException {
        FeatureTable table = longs(file -> file.chunks(
                "v",
                chunk -> chunk.getMeta_data()
                        .getStatistics()
                        .setMin_value(new byte[1])
                        .setMax_value(new byte[1])));
        ScannedRows some = scan(table, 160, 390);
        right(some, 160, 390);
        ignored(some, "statistics and indexes");
    }

    @Test
    void aLeastStatisticAboveTheGreatestIsIgnored() throws IOException {
        FeatureTable table = longs(file -> file.chunks(
                "id",
                chunk -> chunk.getMeta_data()
                        .getStatistics()
                        .setMin_value(le(300))
                        .setMax_value(le(100))));
        right(scan(table, 0, 160, 390), 0, 160, 390);
    }

    private static byte[] le(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    /// Claims that all data pages use the dictionary.
    private static void allDictionary(ColumnChunk chunk, boolean countsAll) {
        var stats = chunk.getMeta_data().getEncoding_stats();
        Encoding ids = stats.stream()
                .filter(s -> s.getPage_type() != PageType.DICTIONARY_PAGE && s.getEncoding() != Encoding.PLAIN)
                .findFirst()
                .orElseThrow()
                .getEncoding();
        stats.removeIf(s -> s.getPage_type() != PageType.DICTIONARY_PAGE && s.getEncoding() != ids && !countsAll);
        stats.forEach(s -> {
            if (s.getPage_type() != PageType.DICTIONARY_PAGE) {
                s.setEncoding(ids);
            }
        });
    }

    @Test
    void aDictionaryIsNotTakenForAllValuesBecauseTheFooterSaysSo() throws IOException {
        for (boolean asText : new boolean[] {false, true}) {
            for (boolean countsAll : new boolean[] {false, true}) {
                in("text" + asText + countsAll);
                FeatureTable table = patched(
                        table(
                                asText ? Types.StringType.get() : Types.LongType.get(),
                                "write.parquet.dict-size-bytes",
                                "500"),
                        IntStream.range(0, 600).map(i -> i / 2),
                        asText,
                        file -> file.chunks("id", chunk -> allDictionary(chunk, countsAll)));
                ScannedRows late = asText
                        ? scan(table, KeyOrder.UNSIGNED_BYTES, BytesColumn.ofStrings("key-160"))
                        : scan(table, 160);
                assertThat(late.rows)
                        .as("text %s, counts %s", asText, countsAll)
                        .anyMatch(row -> row.startsWith(asText ? "[key-160," : "[160,"));
                assertThat(late.plan.counts().skipped(SkipReason.DICTIONARY)).isEqualTo(Skipped.NOTHING);
            }
        }
    }

    @Test
    void aPageThatIsNeededIsRefusedWithItsPlace() throws IOException {
        FeatureTable table =
                longs(file -> file.chunks("v", chunk -> chunk.getMeta_data().setData_page_offset(5)));
        assertThatThrownBy(() -> scan(table, 160))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("FILE_UNREADABLE"))
                .hasMessageContaining(".parquet row group 0")
                .hasMessageContaining("column v");
    }

    /// Bits of the indexes are flipped, one at a time: a row may be skipped, but what is found is right, and
    /// nothing fails in another way than by a refusal.
    @Test
    void aFlippedBitInAnIndexGivesNoWrongValue() throws IOException {
        for (int at = 0; at < 2_000; at += 23) {
            int position = at;
            in("flip" + at);
            FeatureTable table = longs(file -> file.chunks("id", chunk -> flip(file, chunk, position))
                    .chunks("v", chunk -> flip(file, chunk, position)));
            try {
                right(scan(table, 160, 390));
            } catch (LakeRejection refusal) {
                assertThat(refusal.code()).isEqualTo("FILE_UNREADABLE");
            }
        }
    }

    private static void flip(PatchedFile file, ColumnChunk chunk, int bit) {
        byte[] offsets = file.read(chunk.getOffset_index_offset(), chunk.getOffset_index_length());
        byte[] bounds = file.read(chunk.getColumn_index_offset(), chunk.getColumn_index_length());
        byte[] flipped = bit % 2 == 0 ? offsets : bounds;
        flipped[bit / 8 % flipped.length] ^= (byte) (1 << bit % 8);
        file.rawOffsetIndex(chunk, offsets);
        file.rawColumnIndex(chunk, bounds);
    }
}
