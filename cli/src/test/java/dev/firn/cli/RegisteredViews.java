package dev.firn.cli;

import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.ViewStatus;
import dev.firn.schemas.EventClasses;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/// Records of the registry, for tests.
public final class RegisteredViews {
    static {
        EventClasses.trust();
    }

    private RegisteredViews() {}

    public static FeatureView view(String name, String... entities) {
        return FeatureView.newBuilder()
                .setName(name)
                .setVersion(1)
                .setStatus(ViewStatus.ACTIVE)
                .setEntities(
                        Arrays.stream(entities).map(RegisteredViews::column).toList())
                .setFeatures(List.of(column("total_orders")))
                .setSource(ResolvedSource.newBuilder()
                        .setCatalog("iceberg")
                        .setSchema$("gold")
                        .setTableName(name)
                        .setTableUuid("u")
                        .setSchemaId(0)
                        .setMetadataLocation("s3://lake/m.json")
                        .setLocation("s3://lake/t")
                        .setDataPath("s3://lake/t/data/*.parquet")
                        .setTimestamp(column("updated_at"))
                        .build())
                .setRequestId("r")
                .setDefinitionDigest("d")
                .setCreatedAt(Instant.EPOCH)
                .setUpdatedAt(Instant.EPOCH)
                .build();
    }

    private static ResolvedColumn column(String name) {
        return ResolvedColumn.newBuilder()
                .setName(name)
                .setColumn(name)
                .setFieldId(1)
                .setType("long")
                .setDtype("int64")
                .build();
    }
}
