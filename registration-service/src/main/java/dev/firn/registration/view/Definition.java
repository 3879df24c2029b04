package dev.firn.registration.view;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.ViewStatus;
import dev.firn.registration.validation.Resolution;
import dev.firn.schemas.RequestDigest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a registration request defines, apart from the request itself.
public final class Definition {
    private Definition() {}

    /// If the digests of two requests are equal, registering the second one after the first changes nothing.
    public static String digest(RegistrationRequest request) {
        Map<String, String> renamedKeys = request.getEntityColumns().entrySet().stream()
                .filter(entry -> !entry.getKey().equals(entry.getValue()))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
        Map<String, String> renamedFields = request.getFieldMapping().entrySet().stream()
                .filter(entry -> !entry.getKey().equals(entry.getValue()))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
        return RequestDigest.of(RegistrationRequest.newBuilder(request)
                .setRequestId("")
                .setExpectedVersion(null)
                .setDryRun(false)
                .setTtlMicros(Objects.requireNonNullElse(request.getTtlMicros(), 0L))
                .setEntityColumns(renamedKeys)
                .setFieldMapping(renamedFields)
                .build());
    }

    /// The registry's record of a resolved definition.
    ///
    /// @param previous the record that it replaces, which may be a dropped one
    public static FeatureView resolved(
            RegistrationRequest request,
            String definitionDigest,
            Resolution resolution,
            @Nullable FeatureView previous,
            Instant now) {
        return FeatureView.newBuilder()
                .setName(request.getName())
                .setVersion(previous == null ? 1 : previous.getVersion() + 1)
                .setStatus(ViewStatus.ACTIVE)
                .setReasons(List.of())
                .setEntities(resolution.entities())
                .setFeatures(resolution.features())
                .setSource(resolution.source())
                .setTtlMicros(Objects.requireNonNullElse(request.getTtlMicros(), 0L))
                .setAvailableAfterMicros(request.getAvailableAfterMicros())
                .setDescription(request.getDescription())
                .setOwner(request.getOwner())
                .setTags(request.getTags())
                .setRequestId(request.getRequestId())
                .setDefinitionDigest(definitionDigest)
                .setCreatedAt(
                        previous == null || previous.getStatus() == ViewStatus.DROPPED ? now : previous.getCreatedAt())
                .setUpdatedAt(now)
                .build();
    }
}
