package dev.firn.cli.inspect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.render.Json;
import dev.firn.lake.scan.FileReport;
import dev.firn.lake.scan.SkipReason;
import dev.firn.lake.scan.Skipped;
import dev.firn.lake.scan.TableReport;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Reports of inspections for programs.
final class InspectionJson {
    private InspectionJson() {}

    static ObjectNode of(FileReport report) {
        ObjectNode json = Json.object()
                .put("location", report.location())
                .put("bytes", report.bytes())
                .put("writer", report.writer())
                .put("format_version", report.formatVersion())
                .put("rows", report.rows())
                .put("rows_to_read", report.rowsToRead());
        ArrayNode groups = json.putArray("row_groups");
        report.rowGroups()
                .forEach(group -> groups.addObject()
                        .put("rows", group.rows())
                        .put("bytes", group.bytes())
                        .put("rows_to_read", group.rowsToRead()));
        ArrayNode columns = json.putArray("columns");
        report.columns().forEach(column -> columns.add(of(column)));
        report.distrusted().forEach(json.putArray("distrusted")::add);
        refused(json, report.refused());
        skipped(json, report.lookup());
        return json;
    }

    private static ObjectNode of(FileReport.Column column) {
        ObjectNode json = Json.object().put("path", column.path()).put("type", column.type());
        column.encodings().forEach(json.putArray("encodings")::add);
        column.codecs().forEach(json.putArray("codecs")::add);
        json.put("bytes", column.bytes()).put("unpacked_bytes", column.unpackedBytes());
        if (column.nulls() >= 0) {
            json.put("nulls", column.nulls());
        }
        ObjectNode parts = json.putObject("row_groups_with");
        for (FileReport.Part part : FileReport.Part.values()) {
            parts.put(key(part), column.parts().getOrDefault(part, 0));
        }
        return json;
    }

    static ObjectNode of(TableReport report) {
        ObjectNode json = Json.object()
                .put("table", report.table())
                .put("location", report.location())
                .put("format_version", report.formatVersion());
        TableReport.Snapshot snapshot = report.snapshot();
        if (snapshot != null) {
            ObjectNode of = json.putObject("snapshot")
                    .put("id", snapshot.id())
                    .put(
                            "committed_at",
                            Instant.ofEpochMilli(snapshot.timestampMillis()).toString())
                    .put("operation", snapshot.operation());
            snapshot.summary().forEach(of.putObject("summary")::put);
        }
        json.put("partition_spec", report.partitionSpec());
        ArrayNode columns = json.putArray("columns");
        report.columns()
                .forEach(column -> columns.addObject()
                        .put("id", column.id())
                        .put("name", column.name())
                        .put("type", column.type()));
        json.put("data_files", report.dataFiles())
                .put("delete_files", report.deleteFiles())
                .put("files_to_read", report.filesToRead());
        InspectionText.writers(report.files()).forEach(json.putObject("writers")::put);
        ArrayNode files = json.putArray("files");
        report.files().forEach(file -> files.add(of(file)));
        refused(json, report.refused());
        skipped(json, report.lookup());
        return json;
    }

    private static void refused(ObjectNode json, List<FileReport.Refusal> refused) {
        ArrayNode all = json.putArray("refused");
        for (FileReport.Refusal refusal : refused) {
            ObjectNode one = all.addObject().put("code", refusal.code());
            if (!refusal.column().isEmpty()) {
                one.put("column", refusal.column());
            }
            one.put("message", refusal.message());
        }
    }

    private static void skipped(ObjectNode json, Map<SkipReason, Skipped> lookup) {
        ObjectNode reasons = json.putObject("skipped");
        EnumMap<SkipReason, Skipped> ordered = new EnumMap<>(SkipReason.class);
        ordered.putAll(lookup);
        ordered.forEach((reason, skipped) -> reasons.putObject(key(reason))
                .put("files", skipped.files())
                .put("row_groups", skipped.rowGroups())
                .put("pages", skipped.pages())
                .put("bytes", skipped.bytes()));
    }

    private static String key(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
