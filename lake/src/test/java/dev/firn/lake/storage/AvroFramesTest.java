package dev.firn.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A damaged length in an Avro file is found before Avro's reader allocates what it names.
final class AvroFramesTest {
    private static final Schema SCHEMA =
            SchemaBuilder.record("row").fields().requiredString("name").endRecord();

    @TempDir
    private Path folder = Path.of("target");

    @RepeatedTest(20)
    void aSoundFileIsFollowedToItsEndInPiecesOfAnySize(RepetitionInfo repetition) throws IOException {
        Random random = new Random(repetition.getCurrentRepetition());
        List<Integer> ends = new ArrayList<>();
        byte[] bytes = avro(random, ends);
        AvroFrames frames = new AvroFrames(input(bytes));
        int at = 0;
        while (at < bytes.length) {
            int from = random.nextInt(5) == 0 ? random.nextInt(at + 1) : at; // some are read again
            int count = Math.min(bytes.length - from, 1 + random.nextInt(40));
            frames.follow(from, Arrays.copyOfRange(bytes, from, from + count), 0, count);
            at = Math.max(at, from + count);
            assertThat(frames.isComplete())
                    .as("seed %s, %d bytes of %d", repetition, at, bytes.length)
                    .isEqualTo(ends.contains(at));
        }
        assertThat(frames.isComplete()).isTrue();
    }

    @Test
    void aFileThatIsCutWithinABlockEndsWithAFault() throws IOException {
        List<Integer> ends = new ArrayList<>();
        byte[] bytes = avro(new Random(7), ends);
        for (int length = 1; length < bytes.length; length++) {
            if (!ends.contains(length)) {
                StoreInput file = input(Arrays.copyOf(bytes, length));
                assertThatThrownBy(() -> file.newStream().readAllBytes())
                        .as("%d of %d bytes", length, bytes.length)
                        .isInstanceOf(FileChangedException.class)
                        .hasMessageContaining("is not a complete Avro file");
            }
        }
    }

    @Test
    void aLengthThatDoesNotFitTheFileIsAFault() throws IOException {
        byte[] bytes = avro(new Random(7), new ArrayList<>());
        int header = 4; // the number of entries, then the first name's length
        for (byte[] length : List.of(
                new byte[] {2, (byte) 0xFE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F}, // Integer.MAX_VALUE
                new byte[] {2, 1}, // -1
                new byte[] {2, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1})) {
            byte[] damaged = bytes.clone();
            System.arraycopy(length, 0, damaged, header, length.length);
            StoreInput file = input(damaged);
            assertThatThrownBy(() -> file.newStream().readAllBytes())
                    .isInstanceOf(FileChangedException.class)
                    .hasMessageContaining("is not a complete Avro file");
        }
    }

    @Test
    void otherFilesAndReadsFromTheMiddleAreLetThrough() throws IOException {
        byte[] parquet = "PAR1 and what follows, PAR1".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        assertThat(input(parquet).newStream().readAllBytes()).isEqualTo(parquet);
        byte[] bytes = avro(new Random(3), new ArrayList<>());
        try (StoreStream stream = input(Arrays.copyOf(bytes, bytes.length - 1)).newStream()) {
            stream.seek(9);
            assertThat(stream.readAllBytes()).hasSize(bytes.length - 10);
        }
    }

    private StoreInput input(byte[] bytes) throws IOException {
        Path file = Files.write(Files.createTempFile(folder, "rows", ".avro"), bytes);
        return StoreInput.of(org.apache.iceberg.Files.localInput(file.toFile()));
    }

    /// @param ends receives where a file may end: after the header and after each block
    private static byte[] avro(Random random, List<Integer> ends) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataFileWriter<Object> writer = new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA))) {
            writer.setCodec(random.nextBoolean() ? CodecFactory.nullCodec() : CodecFactory.deflateCodec(6));
            for (int i = random.nextInt(3); i > 0; i--) {
                writer.setMeta("key" + i, "x".repeat(random.nextInt(200)));
            }
            writer.create(SCHEMA, bytes);
            writer.flush();
            ends.add(bytes.size());
            for (int blocks = 1 + random.nextInt(4); blocks > 0; blocks--) {
                for (int rows = 1 + random.nextInt(50); rows > 0; rows--) {
                    writer.append(new GenericRecordBuilder(SCHEMA)
                            .set("name", "n".repeat(random.nextInt(90)))
                            .build());
                }
                writer.sync();
                writer.flush();
                ends.add(bytes.size());
            }
        }
        return bytes.toByteArray();
    }
}
