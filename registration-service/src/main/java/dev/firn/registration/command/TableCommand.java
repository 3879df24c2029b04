package dev.firn.registration.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/// Commands to the task that watches a table. Keyed by `catalog.schema.table` on the internal topic.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
    @JsonSubTypes.Type(name = "watch", value = TableCommand.Watch.class),
    @JsonSubTypes.Type(name = "unwatch", value = TableCommand.Unwatch.class),
    @JsonSubTypes.Type(name = "follow", value = TableCommand.Follow.class),
    @JsonSubTypes.Type(name = "unfollow", value = TableCommand.Unfollow.class),
    @JsonSubTypes.Type(name = "hint", value = TableCommand.Hint.class)
})
public sealed interface TableCommand {
    /// A view reads the table and its record has the state `known`. Tell it when that is no longer the table's.
    ///
    /// @param metadataLocation the table's metadata file in the same record; null if not known
    /// @param isToBeTold whether to tell it in any case, with the schema
    record Watch(
            String view,
            @Nullable String ref,
            KnownState known,
            @Nullable String metadataLocation,
            boolean isToBeTold) implements TableCommand {}

    /// The view no longer reads the table.
    record Unwatch(String view) implements TableCommand {}

    /// A standing retrieval reads the ref itself: as its spine, or for a view at a ref that only the request
    /// names. Tell it the state of the ref, now and at every change.
    record Follow(String standingId, @Nullable String ref) implements TableCommand {}

    /// The standing retrieval no longer reads the ref.
    record Unfollow(String standingId, @Nullable String ref) implements TableCommand {}

    /// The table may have changed.
    record Hint(String origin) implements TableCommand {}
}
