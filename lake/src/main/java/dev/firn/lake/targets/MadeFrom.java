package dev.firn.lake.targets;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;

/// From which target tables the rows of a table were made, directly or through other target tables. Each target table
/// names them in a property, by UUID, so one look at the tables that a request reads tells whether its own target is
/// among those that they were made from.
public final class MadeFrom {
    static final String PROPERTY = "firn.made-from";
    /// Properties are read with the table's metadata, by everybody. A UUID has 36 characters.
    static final int MAX_TABLES = 1_000;

    private MadeFrom() {}

    /// The UUIDs of the target tables that rows of this table come from: itself, if it is one, and what it was made
    /// from.
    public static Set<String> reading(Table table) {
        Set<String> tables = new TreeSet<>();
        if (table.properties().containsKey(TargetHistory.OWNER)) {
            tables.add(table.uuid().toString());
            tables.addAll(parse(table.properties().getOrDefault(PROPERTY, "")));
        }
        return Set.copyOf(tables);
    }

    /// The value of the property: at most [#MAX_TABLES] of the tables.
    static String text(Set<String> tables) {
        return tables.stream().sorted().limit(MAX_TABLES).collect(Collectors.joining(","));
    }

    private static Set<String> parse(String text) {
        return Arrays.stream(text.split(",", -1))
                .filter(Predicate.not(String::isEmpty))
                .collect(Collectors.toUnmodifiableSet());
    }
}
