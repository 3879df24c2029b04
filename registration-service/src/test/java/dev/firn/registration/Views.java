package dev.firn.registration;

import dev.firn.events.FeatureSpec;
import dev.firn.events.RegistrationAction;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.TableSource;
import dev.firn.registration.validation.Resolution;
import dev.firn.registration.validation.Verdict;
import dev.firn.schemas.EventClasses;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// Requests for one view, and verdicts on them.
public final class Views {
    static final String UUID = "11111111-2222-3333-4444-555555555555";
    static final String TABLE = "iceberg.gold.customer_aggregates";

    /// The table's schema, with the field ids of [#accepted].
    static final Schema SCHEMA = schema(Types.LongType.get());

    static {
        EventClasses.trust(); // before the first builder
    }

    private Views() {}

    static Schema schema(Type totalOrders) {
        return new Schema(
                Types.NestedField.required(1, "customer_id", Types.LongType.get()),
                Types.NestedField.optional(2, "total_orders", totalOrders),
                Types.NestedField.optional(3, "avg_order_value", Types.DoubleType.get()),
                Types.NestedField.optional(4, "updated_at", Types.TimestampType.withZone()));
    }

    public static RegistrationRequest.Builder request(String id) {
        return request(id, "customer_features");
    }

    public static RegistrationRequest.Builder request(String id, String view) {
        return RegistrationRequest.newBuilder()
                .setRequestId(id)
                .setAction(RegistrationAction.REGISTER)
                .setName(view)
                .setEntities(List.of("customer_id"))
                .setFeatures(List.of(feature("total_orders", "int64"), feature("avg_order_value", "float64")))
                .setSource(TableSource.newBuilder()
                        .setCatalog("iceberg")
                        .setSchema$("gold")
                        .setTableName("customer_aggregates")
                        .setTimestampField("updated_at")
                        .build());
    }

    public static RegistrationRequest drop(String id) {
        return RegistrationRequest.newBuilder()
                .setRequestId(id)
                .setAction(RegistrationAction.DROP)
                .setName("customer_features")
                .build();
    }

    public static FeatureSpec feature(String name, String dtype) {
        return FeatureSpec.newBuilder().setName(name).setDtype(dtype).build();
    }

    public static Verdict accepted(RegistrationRequest request) {
        return accepted(request, 100);
    }

    public static Verdict.Accepted accepted(RegistrationRequest request, long snapshot) {
        return new Verdict.Accepted(
                new Resolution(
                        List.of(column("customer_id", 1, "long", "")),
                        List.of(
                                column("total_orders", 2, "long", "int64"),
                                column("avg_order_value", 3, "double", "float64")),
                        ResolvedSource.newBuilder()
                                .setCatalog(request.getSource().getCatalog())
                                .setSchema$(request.getSource().getSchema$())
                                .setTableName(request.getSource().getTableName())
                                .setTableUuid(UUID)
                                .setRef(request.getSource().getRef())
                                .setSchemaId(0)
                                .setSnapshotId(snapshot)
                                .setContentSnapshotId(snapshot)
                                .setMetadataLocation("s3://lake/t/metadata/1.json")
                                .setLocation("s3://lake/t")
                                .setDataPath("s3://lake/t/data/*.parquet")
                                .setTimestamp(column("updated_at", 4, "timestamptz", ""))
                                .build()),
                List.of());
    }

    public static ResolvedColumn column(String name, int id, String type, String dtype) {
        return ResolvedColumn.newBuilder()
                .setName(name)
                .setColumn(name)
                .setFieldId(id)
                .setType(type)
                .setDtype(dtype)
                .build();
    }
}
