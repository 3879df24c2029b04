package dev.firn.registration.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.firn.events.RegistrationRequest;
import org.jspecify.annotations.Nullable;

/// Commands to the one writer of a view. Keyed by the view's name on the internal topic.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
    @JsonSubTypes.Type(name = "register", value = ViewCommand.Register.class),
    @JsonSubTypes.Type(name = "refresh", value = ViewCommand.Refresh.class),
    @JsonSubTypes.Type(name = "table-schema", value = ViewCommand.TableSchema.class),
    @JsonSubTypes.Type(name = "subscribe", value = ViewCommand.Subscribe.class),
    @JsonSubTypes.Type(name = "unsubscribe", value = ViewCommand.Unsubscribe.class)
})
public sealed interface ViewCommand {
    /// A request to register or drop the view.
    ///
    /// @param digest of the request as received
    /// @param recordKey key of the request's record; null if it had none
    record Register(
            RegistrationRequest request,
            String digest,
            @Nullable String recordKey) implements ViewCommand {}

    /// A part of the schema with which a ref of a table is read, for the refreshes behind it. It goes to every
    /// partition once, instead of to every view; its key is the table.
    record TableSchema(String table, @Nullable String ref, String tableUuid, int schemaId, Part part)
            implements ViewCommand {
        /// @param number from 0
        /// @param json a part of the schema in Iceberg's JSON: put together in order, the parts are all of it
        public record Part(int number, int of, String json) {}
    }

    /// A look at the view's table found something other than the view's record says. If it changes the schema, that
    /// comes before it.
    record Refresh(TableLook look) implements ViewCommand {}

    /// A standing retrieval reads the view from now on. Tell it the view's record now and at every change.
    record Subscribe(String standingId) implements ViewCommand {}

    /// A standing retrieval no longer reads the view.
    record Unsubscribe(String standingId) implements ViewCommand {}
}
