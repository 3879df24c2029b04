package dev.firn.retrieval.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.ChangesKind;
import dev.firn.events.ResultColumn;
import dev.firn.events.ResultFile;
import dev.firn.events.RunChanges;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.StructLike;
import org.jspecify.annotations.Nullable;

/// A consumer that keeps a copy of a standing retrieval's result by its changes alone, as docs/results.md describes
/// them. Files are read by Iceberg's reader. After each run the copy must be the whole result, and no row may be listed
/// that did not change.
final class ChangesFollower {
    private static final int OWN_COLUMNS = 2;

    private final Map<ChangesKind, Integer> kinds = new EnumMap<>(ChangesKind.class);
    private List<List<String>> copy = List.of();
    private String last = "";

    /// The runs that were followed.
    Map<ChangesKind, Integer> kinds() {
        return kinds;
    }

    /// Follows a run. Of one that writes no changes, all is read.
    void follow(String requestId, Completed completed) {
        List<List<String>> whole = ResultTable.read(completed).values().stream()
                .map(ChangesFollower::cells)
                .toList();
        RunChanges changes = completed.changes();
        if (changes == null) {
            copy = whole;
            last = requestId;
            return;
        }
        kinds.merge(changes.getKind(), 1, Integer::sum);
        String what = requestId + " " + changes;
        if (changes.getKind() == ChangesKind.RESET) {
            assertThat(changes.getResetReason()).as(what).isNotEmpty();
            assertThat(changes.getFiles()).as(what).isEmpty();
            assertThat(changes.getSinceRequestId()).as(what).isNull();
            copy = whole;
        } else {
            assertThat(changes.getSinceRequestId()).as(what).isEqualTo(last);
            copy = applied(changes, spine(completed), what);
        }
        assertThat(copy).as(what).isEqualTo(whole);
        last = requestId;
    }

    private static int spine(Completed completed) {
        List<ResultColumn> columns = completed.columns();
        for (int c = 0; c < columns.size(); c++) {
            if (columns.get(c).getFeature() != null) {
                return c;
            }
        }
        return columns.size();
    }

    private List<List<String>> applied(RunChanges changes, int spine, String what) {
        Map<Long, List<String>> updated = new HashMap<>();
        Map<Long, List<String>> added = new HashMap<>();
        Set<Long> removed = new HashSet<>();
        assertThat(changes.getFileCount()).isEqualTo(changes.getFiles().size()).isPositive();
        for (ResultFile file : changes.getFiles()) {
            ResultTable table = ResultTable.readTable(file.getLocation());
            assertThat(file.getLocation()).startsWith(String.valueOf(changes.getLocation()));
            assertThat(file.getRows()).isEqualTo(table.values().size());
            assertThat(table.names().subList(0, OWN_COLUMNS)).containsExactly("_change_type", "_row_number");
            for (List<@Nullable Object> row : table.values()) {
                long number = (long) row.get(1);
                List<String> cells = cells(row.subList(OWN_COLUMNS, row.size()));
                switch (String.valueOf(row.get(0))) {
                    case "UPDATE_AFTER" ->
                        assertThat(updated.put(number, cells)).as(what).isNull();
                    case "INSERT" ->
                        assertThat(added.put(number, cells)).as(what).isNull();
                    case "DELETE" -> {
                        assertThat(removed.add(number)).as(what).isTrue();
                        assertThat(cells.subList(0, spine))
                                .as(what)
                                .isEqualTo(copy.get((int) number).subList(0, spine));
                        assertThat(cells.subList(spine, cells.size())).as(what).containsOnly("null");
                    }
                    default -> throw new AssertionError(row);
                }
            }
        }
        assertThat(List.of(changes.getRowsUpdated(), changes.getRowsAdded(), changes.getRowsRemoved()))
                .as(what)
                .containsExactly((long) updated.size(), (long) added.size(), (long) removed.size());
        List<List<String>> kept = new ArrayList<>();
        for (int i = 0; i < copy.size(); i++) {
            if (!removed.contains((long) i)) {
                kept.add(copy.get(i));
            }
        }
        return merged(kept, added, updated, spine, what);
    }

    private static List<List<String>> merged(
            List<List<String>> kept,
            Map<Long, List<String>> added,
            Map<Long, List<String>> updated,
            int spine,
            String what) {
        List<List<String>> rows = new ArrayList<>();
        Iterator<List<String>> next = kept.iterator();
        for (long i = 0; i < kept.size() + added.size(); i++) {
            List<String> row = added.containsKey(i) ? added.get(i) : next.next();
            List<String> update = updated.get(i);
            if (update != null) {
                assertThat(update).as(what).isNotEqualTo(row);
                assertThat(update.subList(0, spine)).as(what).isEqualTo(row.subList(0, spine));
            }
            rows.add(update == null ? row : update);
        }
        return rows;
    }

    private static List<String> cells(List<@Nullable Object> row) {
        return row.stream().map(ChangesFollower::cell).toList();
    }

    /// The value with the bits of its numbers.
    private static String cell(@Nullable Object value) {
        return switch (value) {
            case Float number -> number + " " + Float.floatToRawIntBits(number);
            case Double number -> number + " " + Double.doubleToRawLongBits(number);
            case List<?> list ->
                list.stream().map(ChangesFollower::cell).toList().toString();
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(entry -> cell(entry.getKey()) + "=" + cell(entry.getValue()))
                        .toList()
                        .toString();
            case StructLike struct -> {
                List<String> fields = new ArrayList<>();
                for (int i = 0; i < struct.size(); i++) {
                    fields.add(cell(struct.get(i, Object.class)));
                }
                yield fields.toString();
            }
            case null, default -> ResultTable.text(value);
        };
    }
}
