package dev.firn.registration.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.firn.events.CommitKind;
import org.jspecify.annotations.Nullable;

/// What a look at one ref of a table showed, compared with what was known about it.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "look")
@JsonSubTypes({
    @JsonSubTypes.Type(name = "present", value = TableLook.Present.class),
    @JsonSubTypes.Type(name = "missing", value = TableLook.Missing.class)
})
public sealed interface TableLook {
    String table();

    @Nullable
    String ref();

    /// What was known when the look was made. For a view whose record differs from it, the look is stale.
    KnownState before();

    /// The table and the ref exist.
    ///
    /// @param kind what happened since `before`; UNKNOWN if nothing did
    /// @param committedAtMicros timestamp of the snapshot; null if there is none
    record Present(
            String table,
            @Nullable String ref,
            KnownState before,
            KnownState now,
            CommitKind kind,
            boolean contentChanged,
            String metadataLocation,
            String location,
            @Nullable Long committedAtMicros)
            implements TableLook {

        /// Whether field ids from `before` have no meaning in the table as it is now.
        public boolean replacesTable() {
            return kind == CommitKind.REPLACED
                    || kind == CommitKind.UNTRACEABLE
                    || !before.tableUuid().equals(now.tableUuid());
        }

        /// Whether the columns may differ from those at `before`.
        public boolean changesSchema() {
            return replacesTable() || before.schemaId() != now.schemaId();
        }
    }

    /// The catalog says definitely that the table or the ref does not exist.
    ///
    /// @param code `TABLE_NOT_FOUND`, `REF_NOT_FOUND`, …
    record Missing(String table, @Nullable String ref, KnownState before, String code, String message)
            implements TableLook {}
}
