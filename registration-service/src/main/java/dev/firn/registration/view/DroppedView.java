package dev.firn.registration.view;

import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.ViewStatus;
import dev.firn.lake.catalog.BoundColumn;
import java.util.List;

/// What stays of a dropped view forever: its name, version, status and times. With it, "dropped" and "unknown" stay
/// different answers, and a view that is registered again goes on from its version.
final class DroppedView {
    private static final ResolvedColumn NO_COLUMN = ResolvedColumn.newBuilder()
            .setName("")
            .setColumn("")
            .setFieldId(BoundColumn.NO_FIELD_ID)
            .setType("")
            .setDtype("")
            .build();
    private static final ResolvedSource NO_SOURCE = ResolvedSource.newBuilder()
            .setCatalog("")
            .setSchema$("")
            .setTableName("")
            .setTableUuid("")
            .setSchemaId(0)
            .setMetadataLocation("")
            .setLocation("")
            .setDataPath("")
            .setTimestamp(NO_COLUMN)
            .build();

    private DroppedView() {}

    /// The record without its definition. A record that was cut before stays the same.
    static FeatureView cut(FeatureView dropped) {
        return FeatureView.newBuilder()
                .setName(dropped.getName())
                .setVersion(dropped.getVersion())
                .setStatus(ViewStatus.DROPPED)
                .setEntities(List.of())
                .setFeatures(List.of())
                .setSource(NO_SOURCE)
                .setRequestId("")
                .setDefinitionDigest("")
                .setCreatedAt(dropped.getCreatedAt())
                .setUpdatedAt(dropped.getUpdatedAt())
                .build();
    }
}
