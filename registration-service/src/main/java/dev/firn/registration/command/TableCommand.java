package dev.firn.registration.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/// What the task that watches a table is told. Keyed by `catalog.schema.table` on the internal topic.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
    @JsonSubTypes.Type(name = "watch", value = TableCommand.Watch.class),
    @JsonSubTypes.Type(name = "unwatch", value = TableCommand.Unwatch.class),
    @JsonSubTypes.Type(name = "hint", value = TableCommand.Hint.class)
})
public sealed interface TableCommand {
    /// A view stands on the table and its record says `known`; it wants to hear when that is no longer so.
    ///
    /// @param metadataLocation the table's metadata file by the same record; null: not known
    record Watch(
            String view,
            @Nullable String ref,
            KnownState known,
            @Nullable String metadataLocation) implements TableCommand {}

    /// The view stands on the table no longer.
    record Unwatch(String view) implements TableCommand {}

    /// Somebody says that the table may have changed.
    record Hint(String origin) implements TableCommand {}
}
