package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.Column;
import dev.firn.lake.LakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Flips one bit of a byte of a file and reads the file, for every [#STRIDE]th byte in turn, from a random one on;
/// `-Dfirn.stride=1` flips all. The checksums cover the bodies of the pages: there a flip is found, and the message
/// says where. Nothing covers page headers, indexes and the footer: there a flip may go unnoticed, but the reader
/// neither fails in another way nor hangs. docs/operations.md lists what stays possible.
final class FlippedBytesTest {
    private static final int ROWS = 60;
    private static final int STRIDE = Integer.getInteger("firn.stride", 5);
    private static final long SEED = Long.getLong("firn.seed", System.nanoTime());
    private static final MessageType SCHEMA = MessageTypeParser.parseMessageType("""
            message spine {
              required int64 id;
              optional int64 event (TIMESTAMP(MICROS,true));
              optional double price;
              optional boolean flag;
              optional binary name (STRING);
              optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
            }
            """);

    record Form(WriterVersion version, boolean dictionary, CompressionCodecName codec) {}

    static Stream<Form> forms() {
        List<Form> forms = new ArrayList<>();
        for (CompressionCodecName codec : List.of(
                CompressionCodecName.UNCOMPRESSED,
                CompressionCodecName.SNAPPY,
                CompressionCodecName.GZIP,
                CompressionCodecName.ZSTD,
                CompressionCodecName.LZ4_RAW)) {
            forms.add(new Form(WriterVersion.PARQUET_1_0, true, codec));
            forms.add(new Form(WriterVersion.PARQUET_2_0, false, codec));
        }
        forms.add(new Form(WriterVersion.PARQUET_1_0, false, CompressionCodecName.ZSTD));
        forms.add(new Form(WriterVersion.PARQUET_2_0, true, CompressionCodecName.SNAPPY));
        return forms.stream();
    }

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @ParameterizedTest
    @MethodSource("forms")
    void flipsInPagesAreFound(Form form) throws IOException {
        byte[] bytes = written(form);
        String rows = rows(bytes);
        BitSet bodies = pageBodies();
        assertThat(bodies.cardinality()).isGreaterThan(bytes.length / 10);
        Map<String, Integer> elsewhere = new TreeMap<>();
        for (int at = Math.floorMod(SEED + form.hashCode(), STRIDE); at < bytes.length; at += STRIDE) {
            bytes[at] ^= (byte) (1 << (at & 7));
            String outcome = outcome(bytes, rows);
            if (bodies.get(at)) {
                assertThat(outcome)
                        .as("byte %d of %d, in a page of %s, -Dfirn.stride=1", at, bytes.length, form)
                        .contains("SPINE_UNREADABLE", "spine.parquet row group 0", "column ", "checksum");
            } else {
                String kind = outcome.startsWith("SPINE_UNREADABLE") ? "refused" : outcome;
                assertThat(kind)
                        .as("byte %d of %d, outside of pages of %s, -Dfirn.stride=1", at, bytes.length, form)
                        .isIn("refused", "same rows", "other rows");
                elsewhere.merge(kind, 1, Integer::sum);
            }
            bytes[at] ^= (byte) (1 << (at & 7));
        }
        System.out.printf("%s: %d bytes in pages, elsewhere %s%n", form, bodies.cardinality(), elsewhere);
    }

    private byte[] written(Form form) throws IOException {
        Path path = file();
        Files.deleteIfExists(path);
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(path))
                .withType(SCHEMA)
                .withWriterVersion(form.version)
                .withDictionaryEncoding(form.dictionary)
                .withCompressionCodec(form.codec)
                .withPageRowCountLimit(ROWS / 2)
                .build()) {
            SimpleGroupFactory groups = new SimpleGroupFactory(SCHEMA);
            for (int row = 0; row < ROWS; row++) {
                Group group = groups.newGroup().append("id", (long) row);
                if (row % 5 != 0) {
                    group.append("event", 1_700_000_000_000_000L + row % 7)
                            .append("price", row % 4 * 1.5)
                            .append("flag", row % 3 == 0)
                            .append("name", "name " + row % 6);
                }
                Group tags = group.addGroup("tags");
                tags.addGroup("list").append("element", "tag " + row % 3);
                writer.write(group);
            }
        }
        return Files.readAllBytes(path);
    }

    private Path file() {
        return folder.resolve("spine.parquet");
    }

    private String outcome(byte[] bytes, String rows) {
        try {
            return rows(bytes).equals(rows) ? "same rows" : "other rows";
        } catch (LakeException e) {
            return e.code() + " " + e.getMessage();
        } catch (DateTimeException e) {
            return "other rows"; // only this test turns values into objects
        } catch (RuntimeException | Error e) {
            return e.toString();
        }
    }

    private String rows(byte[] bytes) {
        StringBuilder rows = new StringBuilder();
        try (ParquetSource source = ParquetSource.open(new InMemoryFile(file().toString(), bytes))) {
            List<String> names = source.schema().columns().stream()
                    .map(field -> field.name())
                    .toList();
            rows.append(names);
            Iterator<List<Column>> batches = source.batches(names, 40);
            while (batches.hasNext()) {
                List<Column> batch = batches.next();
                for (int i = 0; i < batch.getFirst().size(); i++) {
                    for (int c = 0; c < names.size(); c++) {
                        rows.append(ColumnValues.hexOrText(ColumnValues.value(
                                        source.schema().columns().get(c).type(), batch.get(c), i)))
                                .append(' ');
                    }
                    rows.append('\n');
                }
            }
        }
        return rows.toString();
    }

    /// The bytes that the checksums of pages cover.
    private BitSet pageBodies() {
        BitSet bodies = new BitSet();
        LongAdder bytesRead = new LongAdder();
        try (ParquetFile file = ParquetFile.open(org.apache.iceberg.Files.localInput(file().toFile()), bytesRead)) {
            for (ColumnChunkMetaData chunk : file.rowGroups().getFirst().getColumns()) {
                try (ChunkPages pages = new ChunkPages(MappedRanges.of(file(), bytesRead), chunk)) {
                    for (long at = pages.start(); !pages.isPastEnd(at); ) {
                        ChunkPages.StoredPage page = pages.page(at);
                        assertThat(page.header().isSetCrc()).isTrue();
                        bodies.set((int) page.bodyAt(), (int) page.end());
                        at = page.end();
                    }
                }
            }
        }
        return bodies;
    }
}
