package dev.firn.retrieval.spine;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.StructLike;
import org.jspecify.annotations.Nullable;

/// Approximate size of lists, maps and structs in memory, with their content.
final class NestedBytes {
    private static final int REFERENCE = 4;
    private static final int NUMBER = 24;
    private static final int TEXT = 48;
    private static final int COLLECTION = 48;
    private static final int ENTRY = 40;

    private NestedBytes() {}

    static long of(@Nullable Object value) {
        return REFERENCE
                + switch (value) {
                    case null -> 0;
                    case List<?> list -> COLLECTION + elements(list);
                    case Map<?, ?> map -> {
                        long bytes = COLLECTION;
                        for (Map.Entry<?, ?> entry : map.entrySet()) {
                            bytes += ENTRY + of(entry.getKey()) + of(entry.getValue());
                        }
                        yield bytes;
                    }
                    case StructLike struct -> {
                        long bytes = COLLECTION;
                        for (int i = 0; i < struct.size(); i++) {
                            bytes += of(struct.get(i, Object.class));
                        }
                        yield bytes;
                    }
                    case CharSequence text -> TEXT + text.length();
                    case ByteBuffer buffer -> TEXT + buffer.remaining();
                    case byte[] bytes -> TEXT + bytes.length;
                    default -> NUMBER;
                };
    }

    /// All elements have one type, so numbers need not be visited one by one.
    private static long elements(List<?> list) {
        if (!list.isEmpty() && list.getFirst() instanceof Number) {
            return (long) list.size() * (REFERENCE + NUMBER);
        }
        long bytes = 0;
        for (Object element : list) {
            bytes += of(element);
        }
        return bytes;
    }
}
