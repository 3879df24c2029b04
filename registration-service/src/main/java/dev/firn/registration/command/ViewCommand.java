package dev.firn.registration.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.firn.events.RegistrationRequest;
import org.jspecify.annotations.Nullable;

/// What the one writer of a view is told. Keyed by the view's name on the internal topic.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
    @JsonSubTypes.Type(name = "register", value = ViewCommand.Register.class),
    @JsonSubTypes.Type(name = "refresh", value = ViewCommand.Refresh.class),
    @JsonSubTypes.Type(name = "subscribe", value = ViewCommand.Subscribe.class),
    @JsonSubTypes.Type(name = "unsubscribe", value = ViewCommand.Unsubscribe.class)
})
public sealed interface ViewCommand {
    /// Somebody asks to register or drop the view.
    ///
    /// @param digest fingerprint of the request as it came
    /// @param recordKey key of the request's record, null when it had none
    record Register(
            RegistrationRequest request,
            String digest,
            @Nullable String recordKey) implements ViewCommand {}

    /// The view's table was looked at and is not as the view's record says.
    record Refresh(TableLook look) implements ViewCommand {}

    /// A standing retrieval reads the view from now on and wants to hear of its changes, of its present state first.
    record Subscribe(String standingId) implements ViewCommand {}

    /// A standing retrieval reads the view no longer.
    record Unsubscribe(String standingId) implements ViewCommand {}
}
