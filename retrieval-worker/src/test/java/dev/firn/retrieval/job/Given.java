package dev.firn.retrieval.job;

import dev.firn.events.FeatureView;
import dev.firn.events.Pins;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.TableHint;
import dev.firn.events.ViewStatus;
import dev.firn.events.ViewUse;
import dev.firn.schemas.EventJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Builds events for tests.
public final class Given {
    public static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");

    static {
        trustEvents();
    }

    private Given() {}

    /// Lets Avro instantiate Firn's classes in this JVM, as a service's codec does.
    static void trustEvents() {
        EventJson.read(TableHint.class, "{\"catalog\":\"c\",\"schema\":\"s\",\"table_name\":\"t\"}");
    }

    public static ResolvedColumn column(String name, String column, int id, String type, String dtype) {
        return ResolvedColumn.newBuilder()
                .setName(name)
                .setColumn(column)
                .setFieldId(id)
                .setType(type)
                .setDtype(dtype)
                .build();
    }

    /// A view of `iceberg.gold.<name>` with key `id` (field 1), times `event` (2) and `created` (3), and int64 features
    /// from field 4 on.
    public static FeatureView view(String name, String... features) {
        return viewBuilder(name, features).build();
    }

    public static FeatureView.Builder viewBuilder(String name, String... features) {
        List<ResolvedColumn> columns = new ArrayList<>();
        for (int i = 0; i < features.length; i++) {
            columns.add(column(features[i], features[i], 4 + i, "long", "int64"));
        }
        return FeatureView.newBuilder()
                .setName(name)
                .setVersion(1)
                .setStatus(ViewStatus.ACTIVE)
                .setEntities(List.of(column("id", "id", 1, "long", "")))
                .setFeatures(columns)
                .setSource(source(name, column("created", "created", 3, "timestamptz", "")))
                .setRequestId("r")
                .setDefinitionDigest("d")
                .setCreatedAt(NOW)
                .setUpdatedAt(NOW);
    }

    public static ResolvedSource source(String table, @Nullable ResolvedColumn created) {
        return ResolvedSource.newBuilder()
                .setCatalog("iceberg")
                .setSchema$("gold")
                .setTableName(table)
                .setTableUuid("uuid-of-" + table)
                .setSchemaId(0)
                .setMetadataLocation("s3://lake/metadata.json")
                .setLocation("s3://lake/" + table)
                .setDataPath("s3://lake/" + table + "/data/*.parquet")
                .setTimestamp(column("event", "event", 2, "timestamptz", ""))
                .setCreatedTimestamp(created)
                .build();
    }

    public static Spine ids(String column, String... values) {
        return Spine.newBuilder()
                .setKind(SpineKind.IDS)
                .setColumns(List.of(column))
                .setRows(Arrays.stream(values).map(Given::row).toList())
                .build();
    }

    /// A row of inline values; `null` is null.
    public static List<String> row(String... values) {
        List<String> row = new ArrayList<>();
        for (String value : values) {
            row.add(value.equals("null") ? null : value);
        }
        return row;
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    public static Spine rows(List<String> columns, List<String>... rows) {
        return Spine.newBuilder()
                .setKind(SpineKind.ROWS)
                .setColumns(columns)
                .setRows(List.of(rows))
                .build();
    }

    /// Rows with an id and a time, separated by a blank.
    static Spine idsAndTimes(String... rows) {
        return Spine.newBuilder()
                .setKind(SpineKind.ROWS)
                .setColumns(List.of("id", "event_timestamp"))
                .setRows(Arrays.stream(rows).map(row -> row(row.split(" "))).toList())
                .build();
    }

    static Spine files(SpineKind kind, String location) {
        return Spine.newBuilder().setKind(kind).setLocations(List.of(location)).build();
    }

    static Spine table(String name) {
        return Spine.newBuilder().setKind(SpineKind.TABLE).setTable(name).build();
    }

    /// A spine of all entities.
    static Spine all() {
        return Spine.newBuilder().setKind(SpineKind.ALL).build();
    }

    public static RetrievalRequest.Builder request(Spine spine, String... features) {
        return RetrievalRequest.newBuilder()
                .setRequestId("request-1")
                .setSpine(spine)
                .setFeatures(List.of(features));
    }

    public static ViewUse.Builder use(String view) {
        return ViewUse.newBuilder().setView(view);
    }

    public static ViewUse alias(String view, String alias, Map<String, String> joinKeys) {
        return use(view).setAlias(alias).setJoinKeys(joinKeys).build();
    }

    public static Pins.Builder pins() {
        return Pins.newBuilder().setAsOf(NOW).setViews(List.of());
    }
}
