package dev.firn.schemas;

import java.util.List;
import org.apache.kafka.common.errors.AuthorizationException;

/// Kafka refuses what this process has to do.
public final class MissingRightsException extends AuthorizationException {
    private static final long serialVersionUID = 1L;

    private final transient List<MissingRight> missing;

    MissingRightsException(List<MissingRight> missing) {
        super(MissingRight.sentence("this client", missing));
        this.missing = List.copyOf(missing);
    }

    /// All of them, by topic.
    public List<MissingRight> missing() {
        return missing;
    }
}
