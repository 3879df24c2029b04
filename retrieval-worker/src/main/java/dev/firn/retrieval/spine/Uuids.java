package dev.firn.retrieval.spine;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/// Parses uuids strictly: only the 36 characters of RFC 9562, in any case.
public final class Uuids {
    private static final Pattern TEXT =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
    private static final int LENGTH = 36;
    private static final int BYTES = 16;

    private Uuids() {}

    /// The 16 bytes, big-endian; empty if the text is not a uuid.
    public static Optional<byte[]> parse(String text) {
        if (text.length() != LENGTH || !TEXT.matcher(text).matches()) {
            return Optional.empty();
        }
        UUID uuid = UUID.fromString(text);
        return Optional.of(ByteBuffer.allocate(BYTES)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array());
    }
}
