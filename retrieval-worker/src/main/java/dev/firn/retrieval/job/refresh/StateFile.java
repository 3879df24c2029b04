package dev.firn.retrieval.job.refresh;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.Column;
import dev.firn.engine.KnownWinners;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ParquetResult;
import dev.firn.lake.parquet.WrittenFile;
import dev.firn.lake.storage.Storage;
import dev.firn.service.result.RunState;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/// The file of a run's state: Parquet, one row for each row of the result, in the same order. Each view has three
/// columns, named `v<n>_timestamp`, `v<n>_created` and `v<n>_tied` by its place in the request: what
/// [KnownWinners] holds, in the units of the view's columns. Values are in the result.
public final class StateFile {
    /// Version of the file's format and of the rules by which it is used.
    public static final int FORMAT = 2;

    private static final int COLUMNS_PER_VIEW = 3;
    private static final int BUFFER_BYTES = 1 << 16;

    private StateFile() {}

    private static Schema schema(int views) {
        List<NestedField> fields = new ArrayList<>();
        for (int v = 0; v < views; v++) {
            int id = COLUMNS_PER_VIEW * v;
            fields.add(NestedField.optional(id + 1, "v" + v + "_timestamp", Types.LongType.get()));
            fields.add(NestedField.optional(id + 2, "v" + v + "_created", Types.LongType.get()));
            fields.add(NestedField.optional(id + 3, "v" + v + "_tied", Types.BooleanType.get()));
        }
        return new Schema(fields);
    }

    /// Writes a state slice by slice. For one thread. Closing abandons an unfinished file.
    public static final class Writer implements AutoCloseable {
        private final ParquetResult file;

        public Writer(Storage storage, String location, int views, ColumnTasks tasks) {
            this.file = ParquetResult.create(storage.output(location), schema(views), tasks);
        }

        /// Appends the winners of a slice, of each view.
        public void write(List<KnownWinners> views) {
            List<Column> columns = new ArrayList<>();
            for (KnownWinners view : views) {
                columns.add(view.timestamps());
                columns.add(view.created());
                columns.add(view.tied());
            }
            file.write(columns, 0, views.getFirst().size());
        }

        /// @param definition fingerprint of the run's definition
        public RunState finish(String definition) {
            WrittenFile written = file.finish();
            return new RunState(
                    FORMAT, definition, written.location(), written.rows(), written.bytes(), written.sha256());
        }

        @Override
        public void close() {
            file.close();
        }
    }

    /// Reads a state in the order of its rows. For one thread.
    public static final class Reader implements AutoCloseable {
        private final StoredColumns columns;
        private final long bytesChecked;
        private final int views;
        private long next;

        /// @throws UnusableState if the file is not the one that the manifest names
        public Reader(Storage storage, RunState state, int views, ColumnTasks tasks) {
            InputFile input = storage.input(state.location());
            if (!sha256(input).equals(state.sha256())) {
                throw new UnusableState("its state does not match its checksum");
            }
            this.bytesChecked = state.bytes();
            this.views = views;
            this.columns = new StoredColumns(
                    storage,
                    List.of(new StoredColumns.File(state.location(), state.rows(), state.bytes())),
                    schema(views),
                    tasks);
        }

        /// Bytes read so far: the whole file once for its checksum, and its columns.
        public long bytesRead() {
            return bytesChecked + columns.bytesRead();
        }

        /// The winners of the next rows, of each view.
        public List<KnownWinners> next(int rows) {
            List<Column> read = columns.range(next, next + rows);
            next += rows;
            List<KnownWinners> winners = new ArrayList<>();
            for (int v = 0; v < views; v++) {
                BooleanColumn tied = (BooleanColumn) read.get(COLUMNS_PER_VIEW * v + 2);
                winners.add(new KnownWinners(
                        (LongColumn) read.get(COLUMNS_PER_VIEW * v),
                        (LongColumn) read.get(COLUMNS_PER_VIEW * v + 1),
                        new BooleanColumn(tied.values(), tied.size(), Nulls.NONE)));
            }
            return winners;
        }

        @Override
        public void close() {
            columns.close();
        }
    }

    private static String sha256(InputFile input) {
        try (InputStream stream = input.newStream()) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
