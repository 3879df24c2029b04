package dev.firn.retrieval.job;

import dev.firn.engine.BytesColumn;
import dev.firn.events.ViewOutcome;
import dev.firn.events.Violation;
import dev.firn.retrieval.job.CheckedRequest.AskedFeature;
import dev.firn.retrieval.spine.RowChunk;
import dev.firn.schemas.Code;
import dev.firn.service.spine.SpineSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types.NestedField;

/// What is allowed in a retrieval but probably not meant. Collected while it runs; for one thread.
final class ResultWarnings {
    private static final int SAMPLE_ROWS = 1_000;
    private static final int MAX_NUMBER_LENGTH = 32;
    /// A leading zero means an id rather than a number.
    private static final Pattern NUMBER =
            Pattern.compile("-?+(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+");

    private final CheckedRequest request;
    private final List<Violation> warnings = new ArrayList<>();

    ResultWarnings(CheckedRequest request) {
        this.request = request;
    }

    List<Violation> all() {
        return List.copyOf(warnings);
    }

    void add(Code code, String field, String message) {
        warnings.add(code.violation(field, message));
    }

    /// Features that are null because their column was added after the snapshot.
    void addNotYet(List<BoundView> views) {
        for (AskedFeature feature : request.features()) {
            BoundView view = views.get(feature.view());
            NestedField column = view.features().get(feature.feature());
            if (column != null && view.notYet().contains(feature.feature())) {
                add(
                        Code.COLUMN_NOT_YET,
                        field(feature),
                        "'%s' is null: its column '%s' was added to %s after snapshot %s"
                                .formatted(
                                        feature.reference(),
                                        column.name(),
                                        view.table().pin().table(),
                                        view.table().pin().snapshotId()));
            }
        }
    }

    /// Views for which too many spine rows matched several feature rows with the same times.
    ///
    /// @param outcomes in the order of the views
    void addTies(List<BoundView> views, List<ViewOutcome> outcomes, int percent) {
        for (int v = 0; v < views.size(); v++) {
            long ambiguous = outcomes.get(v).getAmbiguous();
            if (ambiguous > outcomes.get(v).getMatched() / 100.0 * percent) {
                add(
                        Code.MANY_TIES,
                        views.get(v).use().field(),
                        ("view '%s': %d of %d spine rows matched several feature rows with the same timestamps;"
                                        + " the order of the table's files decided")
                                .formatted(
                                        views.get(v).use().name(),
                                        ambiguous,
                                        outcomes.get(v).getMatched()));
            }
        }
    }

    /// Columns of a text spine that have no type and hold numbers only.
    void addNumbersAsText(SpineOpening.Opened spine, RowChunk first) {
        if (!isText()) {
            return;
        }
        Set<Integer> typed = spine.keys().stream()
                .flatMap(List::stream)
                .map(SpineOpening.KeySource::column)
                .collect(Collectors.toSet());
        List<NestedField> columns = spine.rows().schema().columns();
        for (int c = 0; c < columns.size(); c++) {
            String name = columns.get(c).name();
            if (first.columns().get(c) instanceof BytesColumn values
                    && columns.get(c).type().typeId() == TypeID.STRING
                    && !typed.contains(c)
                    && !request.request().getSpine().getColumnTypes().containsKey(name)
                    && hasNumbersOnly(values)) {
                warnings.add(Code.NUMBERS_AS_TEXT.sampledWarning(
                        DeclaredTypes.field(name),
                        "column '%s' is text, but its values look like numbers; give it a dtype in column_types to get numbers"
                                .formatted(name)));
            }
        }
    }

    private boolean isText() {
        return switch (request.spine()) {
            case SpineSource.CsvFiles _, SpineSource.TimedRows _, SpineSource.Ids _ -> true;
            case SpineSource.ParquetFiles _,
                    SpineSource.IcebergTable _,
                    SpineSource.AllEntities _,
                    SpineSource.Range _ -> false;
        };
    }

    private static boolean hasNumbersOnly(BytesColumn values) {
        boolean hasNumbers = false;
        for (int i = 0; i < Math.min(values.size(), SAMPLE_ROWS); i++) {
            if (!values.isNull(i)) {
                int length = values.offsets()[i + 1] - values.offsets()[i];
                if (length > MAX_NUMBER_LENGTH
                        || !NUMBER.matcher(values.string(i)).matches()) {
                    return false;
                }
                hasNumbers = true;
            }
        }
        return hasNumbers;
    }

    /// Files of a view with parts that only help to skip and cannot be right.
    ///
    /// @param ignored the first such part of each file
    void addIgnored(BoundView view, SortedMap<String, String> ignored) {
        if (!ignored.isEmpty()) {
            add(
                    Code.INDEX_IGNORED,
                    view.use().field(),
                    "%d %s of %s have statistics, indexes or Bloom filters that cannot be right, such as %s: %s"
                            .formatted(
                                    ignored.size(),
                                    ignored.size() == 1 ? "file" : "files",
                                    view.table().pin().table(),
                                    ignored.firstKey(),
                                    ignored.get(ignored.firstKey())));
        }
    }

    /// Where the request asks for the feature.
    private String field(AskedFeature feature) {
        List<String> asked = request.request().getFeatures();
        String reference = feature.reference();
        int index = asked.indexOf(reference);
        return "features[%d]"
                .formatted(index >= 0 ? index : asked.indexOf(reference.substring(0, reference.indexOf(':')) + ":*"));
    }
}
