package dev.firn.registration.hint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.schemas.Limits;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Firn's names for what a sender names.
///
/// @param catalogs names of Firn's catalogs by those of the sender; one that is not listed has the same name
/// here
record SenderNames(Map<String, String> catalogs) {
    SenderNames {
        catalogs = Map.copyOf(catalogs);
    }

    /// A hint at the table; ignored if no table can have the name.
    Reading table(@Nullable String catalog, List<String> schema, @Nullable String table) {
        if (catalog == null || table == null) {
            return Reading.UNDECODABLE;
        }
        if (catalog.isEmpty() || table.isEmpty() || schema.isEmpty() || schema.contains("")) {
            return Reading.IGNORED;
        }
        Hint.Named named = Hint.named(catalogs.getOrDefault(catalog, catalog), schema, table);
        return named.table().length() > Limits.TABLE_NAME_LENGTH ? Reading.IGNORED : Reading.of(Set.of(named));
    }

    /// A hint at a table whose name is an array of its levels.
    Reading table(@Nullable String catalog, JsonNode path) {
        List<String> levels = texts(path);
        return levels.isEmpty()
                ? Reading.UNDECODABLE
                : table(catalog, levels.subList(0, levels.size() - 1), levels.getLast());
    }

    /// The texts of an array; empty if it is something else, or has something else.
    static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : array) {
            if (!array.isArray() || !element.isTextual()) {
                return List.of();
            }
            texts.add(element.textValue());
        }
        return List.copyOf(texts);
    }

    /// Both readings as one; what one lacks, the other may have.
    static Reading both(Reading one, Reading other) {
        Set<Hint> hints = new HashSet<>(one.hints());
        hints.addAll(other.hints());
        return hints.isEmpty() ? one : Reading.of(hints);
    }
}
