package dev.firn.retrieval.job;

import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalRequest;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.retrieval.job.Pinning.Pinned;
import dev.firn.schemas.RequestDigest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// The fingerprint of what a run is asked for and of how its views are bound to their tables. Runs with equal
/// fingerprints differ in their snapshots and in T only, so one may start from the other's state and values.
final class RunDefinition {
    private final StringBuilder text = new StringBuilder();

    private RunDefinition() {}

    static String fingerprint(CheckedRequest request, Pinned pinned) {
        RunDefinition definition = new RunDefinition();
        definition.add(RequestDigest.of(RetrievalRequest.newBuilder(request.request())
                .setPins(null)
                .setPinsLocation(null)
                .setPreviousPins(null)
                .setPreviousRun(null)
                .setStandingId(null)
                .setRetain(false)
                .setTarget(null)
                .build()));
        if (pinned.spineTable() != null) {
            definition.add(pinned.spineTable().pin().tableUuid());
            definition.add(pinned.spineTable().pin().schemaId());
            definition.addMapping(pinned.spineTable());
        }
        pinned.views().forEach(definition::add);
        definition.add(request.features().size());
        request.features().forEach(asked -> {
            BoundView view = pinned.views().get(asked.view());
            definition.add(asked.view());
            definition.add(view.features().get(asked.feature()));
            definition.add(view.notYet().contains(asked.feature()));
        });
        return definition.sha256();
    }

    private void add(BoundView view) {
        FeatureView definition = view.use().definition();
        add(view.use().name());
        add(view.use().keyColumns());
        add(view.table().pin().table());
        add(view.table().pin().tableUuid());
        addMapping(view.table());
        add(definition.getSource().getRef());
        add(view.columns());
        add(view.keyTypes());
        add(view.timestamp());
        Integer created = view.columns().createdFieldId();
        add(created == null ? null : view.table().schema().findField(created));
        add(definition.getTtlMicros());
        add(definition.getAvailableAfterMicros());
        view.features().keySet().stream().sorted().forEach(feature -> {
            add(feature);
            add(view.features().get(feature));
            add(view.notYet().contains(feature));
        });
    }

    /// Which columns of files without field ids are read.
    private void addMapping(PinnedTable table) {
        add(table.iceberg().properties().get(TableProperties.DEFAULT_NAME_MAPPING));
    }

    private void add(List<?> values) {
        add(values.size());
        values.forEach(this::add);
    }

    /// The name of a column may change; its id and its type are what is read.
    private void add(@Nullable NestedField field) {
        if (field == null) {
            add((Object) null);
        } else {
            add(field.fieldId());
            add(field.type());
        }
    }

    /// Each value with its length, so that no two lists of values share a text.
    private void add(@Nullable Object value) {
        String one = String.valueOf(value);
        text.append(one.length()).append(':').append(one);
    }

    private String sha256() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
