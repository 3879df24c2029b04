package dev.firn.retrieval.targets;

import dev.firn.events.RetrievalRequest;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.targets.Target;
import java.util.Optional;

/// Reads the target of a request. Its owner is the request, or the standing retrieval whose run it is.
public final class RequestedTarget {
    private RequestedTarget() {}

    /// Throws `TARGET_INVALID`.
    ///
    /// @param namespace of the deployment: ids of another one mean other requests
    public static Optional<Target> of(RetrievalRequest request, String namespace) {
        String named = request.getTarget();
        return named == null ? Optional.empty() : Optional.of(new Target(table(named), owner(request, namespace)));
    }

    private static TableName table(String named) {
        try {
            return TableName.parse(named);
        } catch (IllegalArgumentException e) {
            throw new LakeRejection(LakeCode.TARGET_INVALID, "The target table is not valid: " + e.getMessage() + ".");
        }
    }

    private static String owner(RetrievalRequest request, String namespace) {
        String standing = request.getStandingId();
        return standing == null
                ? "%s/request/%s".formatted(namespace, request.getRequestId())
                : "%s/standing/%s".formatted(namespace, standing);
    }
}
