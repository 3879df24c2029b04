package dev.firn.registration.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRequest;
import org.jspecify.annotations.Nullable;

/// What the one writer of a standing retrieval is told. Keyed by the standing id on the internal topic.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
    @JsonSubTypes.Type(name = "ask", value = StandingCommand.Ask.class),
    @JsonSubTypes.Type(name = "view-changed", value = StandingCommand.ViewChanged.class),
    @JsonSubTypes.Type(name = "run-answered", value = StandingCommand.RunAnswered.class)
})
public sealed interface StandingCommand {
    /// Somebody asks to create, change or cancel it.
    ///
    /// @param digest fingerprint of the request as it came
    /// @param recordKey key of the request's record, null when it had none
    record Ask(
            StandingRequest request,
            String digest,
            @Nullable String recordKey) implements StandingCommand {}

    /// How a view it reads stands now; null: there is no such view.
    record ViewChanged(String view, @Nullable FeatureView record) implements StandingCommand {}

    /// A worker answered a run.
    record RunAnswered(RetrievalResult result) implements StandingCommand {}
}
