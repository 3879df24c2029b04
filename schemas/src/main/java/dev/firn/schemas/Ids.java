package dev.firn.schemas;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// The patterns of ids and names. Ids become folders and record keys, names become columns.
public final class Ids {
    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,126}");
    private static final Pattern RUN_SUFFIX = Pattern.compile("\\.r[0-9]{1,19}\\.[0-9a-f]{16}");
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,126}");

    private Ids() {}

    /// Whether `text` is a valid request id: `[A-Za-z0-9][A-Za-z0-9._-]{0,126}`.
    public static boolean isRequestId(String text) {
        return REQUEST_ID.matcher(text).matches();
    }

    /// The id of a run.
    ///
    /// @param number from 1
    /// @param digest 16 hexadecimal digits that tell what the run reads
    public static String runId(String standingId, long number, String digest) {
        return "%s.r%d.%s".formatted(standingId, number, digest);
    }

    /// Whether `text` has the form of the id of a standing retrieval's run: `<standing id>.r<number>.<16 hexadecimal
    /// digits>`. Such ids are Firn's: a request must not have one, or it could be answered in a run's place.
    public static boolean isRunId(String text) {
        int digest = text.lastIndexOf('.');
        int number = digest < 1 ? -1 : text.lastIndexOf('.', digest - 1);
        return number > 0
                && RUN_SUFFIX.matcher(text).region(number, text.length()).matches();
    }

    /// The standing retrieval that a run belongs to; empty if `text` is not the id of a run.
    public static Optional<String> standingIdOfRun(String text) {
        if (!isRunId(text)) {
            return Optional.empty();
        }
        int number = text.lastIndexOf('.', text.lastIndexOf('.') - 1);
        return Optional.of(text.substring(0, number));
    }

    /// The number in the id of a run; empty if `text` is not one, or its number is too large.
    public static OptionalLong runNumber(String text) {
        if (!isRunId(text)) {
            return OptionalLong.empty();
        }
        int digest = text.lastIndexOf('.');
        try {
            return OptionalLong.of(Long.parseLong(text.substring(text.lastIndexOf('.', digest - 1) + 2, digest)));
        } catch (NumberFormatException tooLarge) {
            return OptionalLong.empty();
        }
    }

    /// Whether `text` is a valid standing id; the pattern is that of request ids.
    public static boolean isStandingId(String text) {
        return REQUEST_ID.matcher(text).matches();
    }

    /// Whether `text` is a valid name of a feature or entity: `[A-Za-z_][A-Za-z0-9_]{0,126}`.
    public static boolean isIdentifier(String text) {
        return IDENTIFIER.matcher(text).matches();
    }

    /// Whether `text` is a valid name of a view or alias: an identifier without `__`, which separates view and feature.
    public static boolean isViewName(String text) {
        return isIdentifier(text) && !text.contains("__");
    }
}
