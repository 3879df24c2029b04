package dev.firn.cli.inspect;

import dev.firn.cli.render.Console;
import dev.firn.cli.render.Plural;
import dev.firn.cli.render.TextTable;
import dev.firn.lake.scan.FileReport;
import dev.firn.lake.scan.SkipReason;
import dev.firn.lake.scan.Skipped;
import dev.firn.lake.scan.TableReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Reports of inspections for people.
final class InspectionText {
    private final Console console;
    private final boolean looksForRows;

    /// @param looksForRows whether the report answers what a read would skip
    InspectionText(Console console, boolean looksForRows) {
        this.console = console;
        this.looksForRows = looksForRows;
    }

    void file(FileReport report) {
        facts("file", report.location());
        facts("writer", report.writer().isEmpty() ? "not named" : report.writer());
        facts("format version", String.valueOf(report.formatVersion()));
        facts("size", bytes(report.bytes()));
        facts(
                "rows",
                "%,d in %s"
                        .formatted(report.rows(), Plural.of(report.rowGroups().size(), "row group")));
        console.answer("");
        console.answer(columns(report));
        findings(List.of(report), report.refused());
        if (looksForRows) {
            lookup(report.lookup());
            facts("to read", "%,d of %,d rows".formatted(report.rowsToRead(), report.rows()));
        }
    }

    private static TextTable columns(FileReport report) {
        TextTable table = new TextTable(
                        "column", "type", "codec", "bytes", "unpacked", "nulls", "encodings", "optional parts")
                .keepLastColumnWhole();
        for (FileReport.Column column : report.columns()) {
            table.row(
                    column.path(),
                    column.type(),
                    String.join(" ", column.codecs()),
                    column.bytes(),
                    column.unpackedBytes(),
                    column.nulls() < 0 ? "unknown" : (Object) column.nulls(),
                    String.join(" ", column.encodings()),
                    parts(column, report.rowGroups().size()));
        }
        return table;
    }

    private static String parts(FileReport.Column column, int rowGroups) {
        List<String> parts = new ArrayList<>();
        for (FileReport.Part part : FileReport.Part.values()) {
            int count = column.parts().getOrDefault(part, 0);
            if (count > 0) {
                parts.add(count == rowGroups ? name(part) : "%s (%d of %d)".formatted(name(part), count, rowGroups));
            }
        }
        return parts.isEmpty() ? "none" : String.join(", ", parts);
    }

    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    void table(TableReport report) {
        facts("table", report.table());
        facts("location", report.location());
        facts("format version", String.valueOf(report.formatVersion()));
        TableReport.Snapshot snapshot = report.snapshot();
        facts(
                "snapshot",
                snapshot == null
                        ? "none"
                        : "%d, %s at %s"
                                .formatted(
                                        snapshot.id(),
                                        snapshot.operation(),
                                        Instant.ofEpochMilli(snapshot.timestampMillis())));
        facts("partitions", report.partitionSpec());
        facts("data files", "%,d".formatted(report.dataFiles()));
        facts("delete files", "%,d".formatted(report.deleteFiles()));
        writers(report.files()).forEach((writer, files) -> facts("writer", writer + ": " + Plural.of(files, "file")));
        TextTable columns = new TextTable("id", "column", "type").keepLastColumnWhole();
        report.columns().forEach(column -> columns.row(column.id(), column.name(), column.type()));
        console.answer("");
        console.answer(columns);
        if (!report.files().isEmpty()) {
            console.answer("");
            console.answer(files(report.files()));
        }
        List<FileReport.Refusal> refused = new ArrayList<>(report.refused());
        report.files().forEach(file -> refused.addAll(file.refused()));
        findings(report.files(), refused);
        if (looksForRows) {
            lookup(report.lookup());
            facts(
                    "to read",
                    "%,d of %s, %,d rows of the %,d that were looked into"
                            .formatted(
                                    report.filesToRead(),
                                    Plural.of(report.dataFiles(), "file"),
                                    report.files().stream()
                                            .mapToLong(FileReport::rowsToRead)
                                            .sum(),
                                    report.files().size()));
        }
    }

    private TextTable files(List<FileReport> reports) {
        TextTable table = new TextTable("rows", "to read", "row groups", "bytes", "file").keepLastColumnWhole();
        for (FileReport file : reports) {
            table.row(file.rows(), file.rowsToRead(), file.rowGroups().size(), file.bytes(), file.location());
        }
        return table;
    }

    static Map<String, Integer> writers(List<FileReport> files) {
        Map<String, Integer> writers = new TreeMap<>();
        files.forEach(file -> writers.merge(file.writer().isEmpty() ? "not named" : file.writer(), 1, Integer::sum));
        return writers;
    }

    private void findings(List<FileReport> files, List<FileReport.Refusal> refused) {
        console.answer("");
        boolean isSound = refused.isEmpty()
                && files.stream().allMatch(file -> file.distrusted().isEmpty());
        if (isSound) {
            console.answer("Nothing is distrusted or refused.");
        }
        for (FileReport file : files) {
            for (String what : file.distrusted()) {
                console.answer("distrusted  %s%s".formatted(files.size() > 1 ? file.location() + ": " : "", what));
            }
        }
        refused.forEach(refusal -> console.answer("refused     %s %s".formatted(refusal.code(), refusal.message())));
    }

    private void lookup(Map<SkipReason, Skipped> lookup) {
        console.answer("");
        if (lookup.isEmpty()) {
            facts("skipped", "nothing");
            return;
        }
        TextTable table = new TextTable("skipped by", "files", "row groups", "pages", "bytes");
        new TreeMap<>(lookup)
                .forEach((reason, skipped) -> table.row(
                        name(reason), skipped.files(), skipped.rowGroups(), skipped.pages(), skipped.bytes()));
        console.answer(table);
        console.answer("");
    }

    private void facts(String name, String value) {
        console.answer("%-15s %s".formatted(name, value));
    }

    private static String bytes(long bytes) {
        return Plural.of(bytes, "byte");
    }
}
