package dev.firn.cli.retrieval;

import static java.util.Objects.requireNonNull;

import dev.firn.events.RetrievalResult;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Speaks of options where an answer speaks of fields of the event, for people who wrote options. Shows the value
/// that an answer only locates: other people may read answers, but who asked knows the value.
final class OptionNames {
    private static final Map<String, String> FIELDS = Map.ofEntries(
            Map.entry("features", "--features"),
            Map.entry("as_of", "--as-of"),
            Map.entry("filter_by_created", "--filter-by-created"),
            Map.entry("full_feature_names", "--full-feature-names"),
            Map.entry("include_event_timestamps", "--event-timestamps"),
            Map.entry("pins", "--pins"),
            Map.entry("pins_location", "--pins"),
            Map.entry("retain", "--retain"),
            Map.entry("target", "--target"),
            Map.entry("request_id", "--request-id"),
            Map.entry("standing_id", "--standing"),
            Map.entry("spine.table", "--spine-table"),
            Map.entry("spine.ref", "--spine-ref"),
            Map.entry("spine.snapshot_id", "--spine-snapshot"),
            Map.entry("spine.locations", "--spine"),
            Map.entry("spine.start", "--range"),
            Map.entry("spine.end", "--range"),
            Map.entry("spine.timestamp_column", "--timestamp-column"),
            Map.entry("spine.timestamp_zone", "--timestamp-zone"),
            Map.entry("spine.column_types", "--column-type"),
            Map.entry("views.view", "--alias"),
            Map.entry("views.alias", "--alias"),
            Map.entry("views.join_keys", "--join-key"),
            Map.entry("views.ref", "--ref"),
            Map.entry("views.snapshot_id", "--snapshot"),
            Map.entry("views.snapshot_as_of", "--snapshot-as-of"));

    /// Names of fields that are no ordinary words, as messages use them.
    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("filter_by_created", "--filter-by-created"),
            Map.entry("full_feature_names", "--full-feature-names"),
            Map.entry("include_event_timestamps", "--event-timestamps"),
            Map.entry("pins_location", "--pins"),
            Map.entry("timestamp_column", "--timestamp-column"),
            Map.entry("timestamp_zone", "--timestamp-zone"),
            Map.entry("column_types", "--column-type"),
            Map.entry("join_keys", "--join-key"),
            Map.entry("snapshot_id", "--snapshot"),
            Map.entry("snapshot_as_of", "--snapshot-as-of"));

    private static final Pattern FIELD_WORD =
            Pattern.compile("(?<![\\w.])(?:spine\\.)?(" + String.join("|", WORDS.keySet()) + ")(?!\\w)");
    private static final Pattern ROW = Pattern.compile("spine\\.rows\\[(\\d{1,9})]");
    private static final int MAX_SHOWN = 60;
    private static final Pattern INDEX = Pattern.compile("\\[\\d+]");

    private OptionNames() {}

    /// The same answer with options in its violations and warnings.
    static RetrievalResult in(RetrievalResult result, Spine spine) {
        return RetrievalResult.newBuilder(result)
                .setViolations(in(result.getViolations(), spine))
                .setWarnings(in(result.getWarnings(), spine))
                .build();
    }

    private static List<Violation> in(List<Violation> findings, Spine spine) {
        return findings.stream()
                .map(finding -> Violation.newBuilder(finding)
                        .setField(option(finding.getField(), spine.getKind()))
                        .setMessage(message(finding.getMessage()) + value(finding, spine))
                        .build())
                .toList();
    }

    /// The value of an inline row that is not one of its column's type.
    private static String value(Violation finding, Spine spine) {
        Matcher row = ROW.matcher(finding.getField());
        int index = row.matches() ? Integer.parseInt(row.group(1)) : Integer.MAX_VALUE;
        if (!finding.getCode().equals(Code.SPINE_VALUE_INVALID.name())
                || index >= spine.getRows().size()) {
            return "";
        }
        List<String> values = spine.getRows().get(index);
        for (int i = 0; i < Math.min(values.size(), spine.getColumns().size()); i++) {
            if (finding.getMessage()
                    .contains(" column %s]".formatted(spine.getColumns().get(i)))) {
                String value = String.valueOf(values.get(i));
                return " The value is '%s'"
                        .formatted(value.length() <= MAX_SHOWN ? value : value.substring(0, MAX_SHOWN) + "…");
            }
        }
        return "";
    }

    /// The option that sets a field; the field itself if none does. Keeps what follows: a column, or a row's number.
    static String option(String field, SpineKind spine) {
        if (field.startsWith("spine.rows") || field.startsWith("spine.columns")) {
            return inline(spine);
        }
        String plain = INDEX.matcher(field).replaceAll("");
        String longest = plain;
        while (!longest.isEmpty()) {
            String option = FIELDS.get(longest);
            if (option != null) {
                String rest = plain.substring(longest.length());
                return rest.isEmpty() ? option : option + " " + rest.substring(1);
            }
            longest = longest.substring(0, Math.max(0, longest.lastIndexOf('.')));
        }
        return field;
    }

    private static String inline(SpineKind spine) {
        return switch (spine) {
            case ROWS -> "--rows";
            case IDS -> "--ids";
            case PARQUET, CSV, TABLE, ALL, RANGE, UNKNOWN -> "--columns";
        };
    }

    static String message(String message) {
        return FIELD_WORD
                .matcher(message)
                .replaceAll(found -> Matcher.quoteReplacement(requireNonNull(WORDS.get(found.group(1)))));
    }
}
