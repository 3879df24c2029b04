package dev.firn.registration.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRequest;
import org.jspecify.annotations.Nullable;

/// Commands to the one writer of a standing retrieval. Keyed by the standing id on the internal topic.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
    @JsonSubTypes.Type(name = "ask", value = StandingCommand.Ask.class),
    @JsonSubTypes.Type(name = "view-changed", value = StandingCommand.ViewChanged.class),
    @JsonSubTypes.Type(name = "table-moved", value = StandingCommand.TableMoved.class),
    @JsonSubTypes.Type(name = "run-answered", value = StandingCommand.RunAnswered.class)
})
public sealed interface StandingCommand {
    /// A request to create, change or cancel it.
    ///
    /// @param digest of the request as received
    /// @param recordKey key of the request's record; null if it had none
    record Ask(
            StandingRequest request,
            String digest,
            @Nullable String recordKey) implements StandingCommand {}

    /// The record of a view that it reads, as of now; null if there is no such view.
    record ViewChanged(String view, @Nullable FeatureView record) implements StandingCommand {}

    /// The state of a ref of a table that it follows.
    ///
    /// @param state null if the table or ref does not exist, or the catalog could not be asked yet
    /// @param metadataLocation the table's metadata file at that state; null if there is no state
    record TableMoved(
            String table,
            @Nullable String ref,
            @Nullable KnownState state,
            @Nullable String metadataLocation) implements StandingCommand {}

    /// A worker's final answer to a run.
    record RunAnswered(RetrievalResult result) implements StandingCommand {}
}
