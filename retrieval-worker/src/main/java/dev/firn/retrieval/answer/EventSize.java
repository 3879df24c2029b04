package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalResult;
import dev.firn.schemas.Limits;
import java.util.List;
import java.util.function.Function;

/// Makes a result fit into an event: its manifest holds everything, the event what fits.
///
/// First the limit on files. Then, while it is too large: no files, shorter lists of violations, no columns, no
/// views. Counts, digest and locations always stay.
final class EventSize {
    private static final int FEW_VIOLATIONS = 20;
    private static final int MAX_MESSAGE = 4_000;

    private EventSize() {}

    static byte[] within(RetrievalResult result, int maxBytes, Function<RetrievalResult, byte[]> encoder) {
        RetrievalResult event = RetrievalResult.newBuilder(result)
                .setFiles(first(result.getFiles(), Limits.RESULT_FILES))
                .setMessage(cut(result.getMessage()))
                .build();
        byte[] bytes = encoder.apply(event);
        for (Cut step : Cut.values()) {
            if (bytes.length <= maxBytes) {
                return bytes;
            }
            event = step.apply(event);
            bytes = encoder.apply(event);
        }
        return bytes;
    }

    private enum Cut {
        FILES {
            @Override
            RetrievalResult apply(RetrievalResult result) {
                return RetrievalResult.newBuilder(result).setFiles(List.of()).build();
            }
        },
        VIOLATIONS {
            @Override
            RetrievalResult apply(RetrievalResult result) {
                return RetrievalResult.newBuilder(result)
                        .setViolations(first(result.getViolations(), FEW_VIOLATIONS))
                        .build();
            }
        },
        COLUMNS {
            @Override
            RetrievalResult apply(RetrievalResult result) {
                return RetrievalResult.newBuilder(result).setColumns(List.of()).build();
            }
        },
        VIEWS {
            @Override
            RetrievalResult apply(RetrievalResult result) {
                return RetrievalResult.newBuilder(result)
                        .setViews(List.of())
                        .setViolations(List.of())
                        .build();
            }
        };

        abstract RetrievalResult apply(RetrievalResult result);
    }

    private static <T> List<T> first(List<T> list, int count) {
        return list.size() <= count ? list : List.copyOf(list.subList(0, count));
    }

    private static String cut(String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
    }
}
