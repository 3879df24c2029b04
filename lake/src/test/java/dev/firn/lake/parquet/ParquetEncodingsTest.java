package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.Column;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.iceberg.Files;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Files as parquet-hadoop writes them: page versions, encodings, codecs, nulls, small pages.
final class ParquetEncodingsTest {
    private static final MessageType SCHEMA = MessageTypeParser.parseMessageType("""
            message spine {
              required int64 id;
              optional int64 event (TIMESTAMP(MICROS,true));
              optional int32 small;
              optional float ratio;
              optional double price;
              optional boolean flag;
              optional binary name (STRING);
              optional binary raw;
              optional fixed_len_byte_array(16) uid (UUID);
              optional fixed_len_byte_array(9) amount (DECIMAL(20,2));
              optional int32 tiny (DECIMAL(9,2));
              optional int64 millis (TIMESTAMP(MILLIS,false));
              optional int64 nanos (TIMESTAMP(NANOS,true));
              optional int64 unsigned (INTEGER(64,false));
              optional int32 word (INTEGER(32,false));
            }
            """);

    record Form(WriterVersion version, boolean dictionary, boolean split, CompressionCodecName codec, int seed) {}

    static Stream<Form> forms() {
        List<Form> forms = new ArrayList<>();
        int seed = 1;
        for (WriterVersion version : WriterVersion.values()) {
            for (boolean dictionary : new boolean[] {true, false}) {
                for (CompressionCodecName codec : List.of(
                        CompressionCodecName.UNCOMPRESSED,
                        CompressionCodecName.SNAPPY,
                        CompressionCodecName.GZIP,
                        CompressionCodecName.ZSTD,
                        CompressionCodecName.LZ4_RAW)) {
                    forms.add(new Form(version, dictionary, seed % 2 == 0, codec, seed++));
                }
            }
        }
        return forms.stream();
    }

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @ParameterizedTest
    @MethodSource("forms")
    void readsWhatWasWritten(Form form) throws IOException {
        Random random = new Random(form.seed);
        List<List<Object>> expected = new ArrayList<>();
        Path path = folder.resolve("spine.parquet");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(path))
                .withType(SCHEMA)
                .withWriterVersion(form.version)
                .withDictionaryEncoding(form.dictionary)
                .withByteStreamSplitEncoding(form.split)
                .withCompressionCodec(form.codec)
                .withPageSize(2_000)
                .withPageRowCountLimit(700)
                .withDictionaryPageSize(3_000)
                .withRowGroupSize(60_000L)
                .build()) {
            int rows = 2_500 + random.nextInt(1_000);
            for (int row = 0; row < rows; row++) {
                expected.add(write(writer, random, row));
            }
        }
        try (ParquetSource source = ParquetSource.open(Files.localInput(path.toFile()))) {
            assertThat(source.rows()).isEqualTo(expected.size());
            List<String> names = source.schema().columns().stream()
                    .map(field -> field.name())
                    .toList();
            int row = 0;
            Iterator<List<Column>> batches = source.batches(names, 1 + random.nextInt(900));
            while (batches.hasNext()) {
                List<Column> batch = batches.next();
                for (int i = 0; i < batch.getFirst().size(); i++, row++) {
                    List<Object> actual = new ArrayList<>();
                    for (int c = 0; c < names.size(); c++) {
                        Object value = ColumnValues.value(
                                source.schema().columns().get(c).type(), batch.get(c), i);
                        actual.add(ColumnValues.hexOrText(value));
                    }
                    if (!actual.equals(expected.get(row))) {
                        assertThat(actual).as("seed %d row %d", form.seed, row).isEqualTo(expected.get(row));
                    }
                }
            }
            assertThat(row).isEqualTo(expected.size());
        }
    }

    private static List<Object> write(ParquetWriter<Group> writer, Random random, int row) throws IOException {
        Group group = new SimpleGroupFactory(SCHEMA).newGroup();
        List<Object> values = new ArrayList<>();
        boolean repetitive = row / 500 % 2 == 0;
        group.add("id", (long) row);
        values.add(String.valueOf(row));
        long any = repetitive ? random.nextInt(20) - 10 : random.nextLong();
        long micros = Math.floorMod(any, 4_000_000_000_000_000L);
        for (int f = 1; f < SCHEMA.getFieldCount(); f++) {
            String name = SCHEMA.getFieldName(f);
            if (random.nextInt(10) < (row / 900) % 4) {
                values.add("null");
                continue;
            }
            switch (name) {
                case "event" -> {
                    group.add(name, micros);
                    values.add(time(micros, 1_000)
                            .atOffset(java.time.ZoneOffset.UTC)
                            .toString());
                }
                case "millis" -> {
                    group.add(name, micros / 1000);
                    values.add(time(micros / 1000, 1_000_000).toString());
                }
                case "nanos" -> {
                    group.add(name, micros);
                    values.add(
                            time(micros, 1).atOffset(java.time.ZoneOffset.UTC).toString());
                }
                case "small" -> {
                    group.add(name, (int) any);
                    values.add(String.valueOf((int) any));
                }
                case "word" -> {
                    group.add(name, (int) any);
                    values.add(String.valueOf(any & 0xFFFF_FFFFL));
                }
                case "unsigned" -> {
                    group.add(name, any);
                    values.add(Long.toUnsignedString(any));
                }
                case "ratio" -> {
                    group.add(name, (float) any);
                    values.add(String.valueOf((float) any));
                }
                case "price" -> {
                    group.add(name, (double) any);
                    values.add(String.valueOf((double) any));
                }
                case "flag" -> {
                    group.add(name, any % 3 == 0);
                    values.add(String.valueOf(any % 3 == 0));
                }
                case "name" -> {
                    group.add(name, "näme " + any);
                    values.add("näme " + any);
                }
                case "raw" -> {
                    byte[] bytes = BigInteger.valueOf(any)
                            .multiply(BigInteger.valueOf(any))
                            .add(BigInteger.ONE)
                            .toByteArray();
                    group.add(name, Binary.fromConstantByteArray(bytes));
                    values.add(HexFormat.of().formatHex(bytes));
                }
                case "uid" -> {
                    byte[] bytes = java.nio.ByteBuffer.allocate(16)
                            .putLong(any)
                            .putLong(~any)
                            .array();
                    group.add(name, Binary.fromConstantByteArray(bytes));
                    values.add(new java.util.UUID(any, ~any).toString());
                }
                case "amount" -> {
                    byte[] bytes = new byte[9];
                    byte[] value = BigInteger.valueOf(any).toByteArray();
                    java.util.Arrays.fill(bytes, (byte) (any < 0 ? -1 : 0));
                    System.arraycopy(value, 0, bytes, 9 - value.length, value.length);
                    group.add(name, Binary.fromConstantByteArray(bytes));
                    values.add(new BigDecimal(BigInteger.valueOf(any), 2).toString());
                }
                case "tiny" -> {
                    group.add(name, (int) (any % 1_000_000_000));
                    values.add(new BigDecimal(BigInteger.valueOf(any % 1_000_000_000), 2).toString());
                }
                default -> throw new IllegalStateException(name);
            }
        }
        writer.write(group);
        return values;
    }

    private static java.time.LocalDateTime time(long units, long nanosPerUnit) {
        return java.time.LocalDateTime.ofEpochSecond(
                Math.floorDiv(units, 1_000_000_000L / nanosPerUnit),
                (int) (Math.floorMod(units, 1_000_000_000L / nanosPerUnit) * nanosPerUnit),
                java.time.ZoneOffset.UTC);
    }
}
