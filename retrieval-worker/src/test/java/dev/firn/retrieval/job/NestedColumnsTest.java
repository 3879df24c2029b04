package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.all;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.row;
import static dev.firn.retrieval.job.Given.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.Spine;
import dev.firn.lake.catalog.Dtype;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys, times and features within structs, as Redpanda, Tableflow and Debezium write them.
final class NestedColumnsTest {
    private static final Schema SCHEMA = new Schema(
            NestedField.optional(
                    1,
                    "redpanda",
                    Types.StructType.of(
                            NestedField.optional(2, "timestamp", Types.TimestampType.withZone()),
                            NestedField.optional(3, "key", Types.StringType.get()),
                            NestedField.optional(
                                    4,
                                    "source",
                                    Types.StructType.of(
                                            NestedField.optional(5, "ts", Types.TimestampType.withZone()),
                                            NestedField.optional(6, "offset", Types.LongType.get()))))),
            NestedField.optional(7, "value", Types.IntegerType.get()));

    private LakeFixture lake;
    private Table facts;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        facts = lake.table("facts", SCHEMA, PartitionSpec.unpartitioned(), 2);
        append(
                facts("a", "2024-01-01T00:00:00Z", 1L, 10),
                facts("a", "2024-01-03T00:00:00Z", 2L, 20),
                facts("b", "2024-01-02T00:00:00Z", null, 30),
                facts(null, "2024-01-02T00:00:00Z", 4L, 40),
                GenericRecord.create(facts.schema()).copy("value", 50));
        lake.register(view());
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private void append(Record... records) {
        facts.newAppend().appendFile(TableFiles.write(facts, List.of(records))).commit();
    }

    private Record facts(@Nullable String key, String time, @Nullable Long offset, int value) {
        Record row = GenericRecord.create(facts.schema());
        Types.StructType struct = facts.schema().columns().getFirst().type().asStructType();
        Record outer = GenericRecord.create(struct);
        Record inner = GenericRecord.create(struct.fields().get(2).type().asStructType());
        outer.set(0, OffsetDateTime.parse(time));
        outer.set(1, key);
        inner.set(0, OffsetDateTime.parse(time));
        inner.set(1, offset);
        outer.set(2, inner);
        row.set(0, outer);
        row.set(1, value);
        return row;
    }

    /// As a registration resolves the paths.
    private FeatureView.Builder view() {
        ResolvedColumn time = column("event", "redpanda.timestamp", "");
        return FeatureView.newBuilder(Given.view("facts"))
                .setEntities(List.of(column("user", "redpanda.key", "")))
                .setFeatures(
                        List.of(column("offset", "redpanda.source.offset", "int64"), column("value", "value", "int32")))
                .setSource(ResolvedSource.newBuilder(Given.source("facts", column("created", "redpanda.source.ts", "")))
                        .setTableUuid(facts.uuid().toString())
                        .setTimestamp(time)
                        .build());
    }

    private ResolvedColumn column(String name, String path, String dtype) {
        NestedField field = facts.schema().findField(path);
        assertThat(dtype.isEmpty() || Dtype.parse(dtype).accepts(field.type())).isTrue();
        return Given.column(name, path, field.fieldId(), field.type().toString(), dtype);
    }

    private static final Spine SPINE = rows(
            List.of("user", "event_timestamp"),
            row("a", "2024-01-02"),
            row("a", "2024-02-01"),
            row("b", "2024-02-01"),
            row("c", "2024-02-01"),
            row("null", "2024-02-01"));

    private static final List<String> OFFSETS = List.of("1", "2", "null", "null", "null");

    @Test
    void rule13KeysTimesAndFeaturesMayLieWithinStructs() {
        ResultTable result = lake.retrieve(
                request(SPINE, "facts:*").setIncludeEventTimestamps(true).setFilterByCreated(true));

        assertThat(result.column("offset")).isEqualTo(OFFSETS);
        assertThat(result.column("value")).containsExactly("10", "20", "30", "null", "null");
        assertThat(result.column("facts__event_timestamp"))
                .containsExactly("2024-01-01T00:00Z", "2024-01-03T00:00Z", "2024-01-02T00:00Z", "null", "null");
        assertThat(lake.retrieve(request(all(), "facts:offset")).rows()).containsExactly("a 2", "b null");
    }

    @Test
    void rule13TheyAreFollowedByFieldIdThroughRenames() {
        facts.updateSchema()
                .renameColumn("redpanda", "meta")
                .renameColumn("redpanda.timestamp", "at")
                .renameColumn("redpanda.source.offset", "position")
                .commit();
        facts.updateSchema()
                .addColumn("meta", "timestamp", Types.TimestampType.withZone())
                .commit();
        facts.refresh();

        assertThat(lake.retrieve(request(SPINE, "facts:offset")).column("offset"))
                .isEqualTo(OFFSETS);
    }

    @Test
    void rule13AFieldThatWasAddedToAStructLaterIsNullInOlderFiles() {
        facts.updateSchema()
                .addColumn("redpanda.source", "partition", Types.IntegerType.get())
                .commit();
        facts.refresh();
        FeatureView.Builder view = view();
        lake.register(view.setFeatures(List.of(column("partition", "redpanda.source.partition", "int32"))));

        assertThat(lake.retrieve(request(SPINE, "facts:partition")).column("partition"))
                .containsOnly("null");
    }

    @Test
    void rule13ADroppedFieldOfAStructIsBroken() {
        facts.updateSchema().deleteColumn("redpanda.source.offset").commit();

        assertThat(lake.codes(request(SPINE, "facts:offset"))).containsExactly("VIEW_BROKEN");
        assertThat(lake.retrieve(request(SPINE, "facts:value")).column("value"))
                .containsExactly("10", "20", "30", "null", "null");
    }
}
