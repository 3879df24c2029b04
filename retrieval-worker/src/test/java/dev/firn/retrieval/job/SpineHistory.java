package dev.firn.retrieval.job;

import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// A spine of any kind. If it is a table, it mostly grows, and sometimes changes otherwise.
final class SpineHistory {
    private final LakeFixture lake;
    private final String name;
    private final Random random;
    private @Nullable Table table;
    private final StringBuilder steps = new StringBuilder();

    SpineHistory(LakeFixture lake, String name, Random random) {
        this.lake = lake;
        this.name = name;
        this.random = random;
    }

    /// @param timed whether its rows must have times
    Spine spine(boolean timed) {
        return switch (random.nextInt(timed ? 3 : 7)) {
            case 0, 1 -> rows();
            case 2 -> {
                Table grown = lake.table(name, "id long, event_timestamp timestamptz");
                table = grown;
                append(grown);
                yield Given.table("iceberg.gold." + name);
            }
            case 3, 4 -> Given.all();
            default -> Given.ids("id", "0", "1", "2", "3", "null", "4", "5", "1");
        };
    }

    private Spine rows() {
        List<List<String>> texts = new ArrayList<>();
        for (int i = 0, n = random.nextInt(3) == 0 ? 120 : 25; i < n; i++) {
            texts.add(Given.row(id(), time()));
        }
        return Spine.newBuilder()
                .setKind(SpineKind.ROWS)
                .setColumns(List.of("id", "event_timestamp"))
                .setRows(texts)
                .build();
    }

    private String id() {
        return random.nextInt(20) == 0 ? "null" : Integer.toString(random.nextInt(RefreshHistory.IDS + 1));
    }

    private String time() {
        Instant time = RefreshHistory.START.plusMillis(500L * random.nextInt(3 * RefreshHistory.SECONDS));
        return random.nextInt(20) == 0 ? "null" : time.toString();
    }

    private void append(Table grown) {
        var append = grown.newAppend();
        for (int f = 0, files = 1 + random.nextInt(2); f < files; f++) {
            append.appendFile(TableFiles.write(grown, texts(1 + random.nextInt(20))));
        }
        append.commit();
        steps.append(", spine grows");
    }

    private String[] texts(int rows) {
        String[] texts = new String[rows];
        for (int i = 0; i < rows; i++) {
            texts[i] = id() + " | " + time();
        }
        return texts;
    }

    void step() {
        if (table == null) {
            return;
        }
        switch (random.nextInt(10)) {
            case 0 -> {
                TableFiles.deleteEqual(table, "id", Integer.toString(random.nextInt(RefreshHistory.IDS)));
                steps.append(", spine loses rows");
            }
            case 1 -> {
                OverwriteFiles overwrite = table.newOverwrite();
                table.newScan().planFiles().forEach(task -> overwrite.deleteFile(task.file()));
                overwrite.addFile(TableFiles.write(table, texts(5))).commit();
                steps.append(", spine is rewritten");
            }
            case 2, 3, 4 -> {}
            default -> append(table);
        }
    }

    @Override
    public String toString() {
        return steps.toString();
    }
}
