package dev.firn.lake.scratch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.engine.LongColumn;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ParquetResult;
import dev.firn.lake.parquet.ParquetSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Temporary files: who can see them, and how many there may be.
final class ScratchTest {
    private static final Schema SCHEMA = new Schema(NestedField.required(1, "value", Types.LongType.get()));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path root;

    private static List<Path> below(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(path -> !path.equals(folder)).toList();
        }
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        try (Scratch scratch = Scratch.open(root, 1 << 20);
                ScratchFile file = scratch.create()) {
            write(file, 1, 2, 3);
            try (ParquetSource source = ParquetSource.open(file.input())) {
                LongColumn read =
                        (LongColumn) source.batches(List.of("value"), 10).next().getFirst();
                assertThat(read.values()).startsWith(1, 2, 3);
            }
        }
    }

    private static void write(ScratchFile file, long... values) {
        try (ColumnTasks alone = new ColumnTasks(1);
                ParquetResult result = ParquetResult.create(file.output(), SCHEMA, alone)) {
            result.write(List.of(LongColumn.of(values)), 0, values.length);
            result.finish();
        }
    }

    @Test
    void anOpenFileHasNoNameAndItsFolderIsForTheOwner() throws IOException {
        try (Scratch scratch = Scratch.open(root, 1 << 20);
                ScratchFile file = scratch.create()) {
            write(file, 1);
            assertThat(below(root))
                    .containsExactly(scratch.folder(), scratch.folder().resolve(".lock"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(scratch.folder())))
                    .isEqualTo("rwx------");
        }
        assertThat(below(root)).isEmpty();
    }

    @Test
    void theQuotaIsSharedAndGivenBack() throws IOException {
        try (Scratch scratch = Scratch.open(root, 1_000)) {
            ScratchFile first = scratch.create();
            PositionOutputStream out = first.output().create();
            out.write(new byte[900]);
            try (ScratchFile second = scratch.create();
                    PositionOutputStream more = second.output().create()) {
                assertThatThrownBy(() -> more.write(new byte[101]))
                        .isInstanceOfSatisfying(
                                LakeOutage.class, e -> assertThat(e.code()).isEqualTo("SCRATCH_FULL"))
                        .hasMessageContaining("1000 bytes");
                assertThat(scratch.usedBytes()).isEqualTo(900);
                first.close();
                more.write(new byte[1_000]);
            }
            assertThat(scratch.usedBytes()).isZero();
        }
    }

    @Test
    void anyFaultOfTheDiskHasTheSameCode() throws IOException {
        try (Scratch scratch = Scratch.open(root, 1 << 20)) {
            ScratchFile closed = scratch.create();
            PositionOutputStream output = closed.output().create();
            closed.close();
            assertThatThrownBy(() -> output.write(new byte[10]))
                    .isInstanceOfSatisfying(
                            LakeOutage.class, e -> assertThat(e.code()).isEqualTo("SCRATCH_FULL"));
        }
    }

    /// A file system of 64 KiB would need rights that a test has not: a device that is always full has the same error.
    @Test
    void aFullDiskHasTheSameCode() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        try (Scratch scratch = Scratch.open(root, 1 << 20);
                ScratchFile file = ScratchFile.over(scratch, full)) {
            assertThatThrownBy(() -> file.output().create().write(new byte[10]))
                    .isInstanceOfSatisfying(
                            LakeOutage.class, e -> assertThat(e.code()).isEqualTo("SCRATCH_FULL"));
        }
    }
}
