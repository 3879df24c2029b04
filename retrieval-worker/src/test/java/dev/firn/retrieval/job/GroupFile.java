package dev.firn.retrieval.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/// A Parquet file with a schema as another writer would choose it, in Parquet's own notation.
final class GroupFile {
    private final MessageType schema;
    private final List<Consumer<Group>> rows;

    /// @param fields between the braces of a message; field ids stand after `=`
    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    GroupFile(String fields, Consumer<Group>... rows) {
        this.schema = MessageTypeParser.parseMessageType("message m { " + fields + " }");
        this.rows = Arrays.asList(rows);
    }

    Path write(Path file) {
        try {
            Files.createDirectories(file.getParent());
            try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                    .withConf(new PlainParquetConfiguration())
                    .withType(schema)
                    .build()) {
                for (Consumer<Group> row : rows) {
                    Group group = new SimpleGroup(schema);
                    row.accept(group);
                    writer.write(group);
                }
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Appends the file to a table without metrics.
    DataFile appendTo(Table table) {
        return appendTo(table, Map.of());
    }

    /// @param bounds field id to the value that is both bounds
    DataFile appendTo(Table table, Map<Integer, Long> bounds) {
        Path file = write(Path.of(table.location().replaceFirst("^file:", "")).resolve("data/foreign.parquet"));
        DataFile data = DataFiles.builder(table.spec())
                .withPath(file.toString())
                .withFileSizeInBytes(file.toFile().length())
                .withMetrics(new Metrics((long) rows.size(), null, null, null, null, raw(bounds), raw(bounds)))
                .build();
        table.newAppend().appendFile(data).commit();
        return data;
    }

    private static Map<Integer, ByteBuffer> raw(Map<Integer, Long> bounds) {
        return bounds.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, bound -> Conversions.toByteBuffer(Types.LongType.get(), bound.getValue())));
    }
}
