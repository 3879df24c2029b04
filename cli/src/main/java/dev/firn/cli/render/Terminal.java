package dev.firn.cli.render;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The terminal that this process writes to.
final class Terminal {
    private static final int ANSWER_SECONDS = 1;
    private static final Pattern ROWS_AND_COLUMNS = Pattern.compile("\\d+ (\\d+)\\s*");

    private Terminal() {}

    /// Whether lines may be redrawn.
    static boolean canRedraw(Map<String, String> environment) {
        return !environment.getOrDefault("TERM", "").equals("dumb");
    }

    /// Its columns: those that `COLUMNS` says, or else the terminal's own; empty if it does not say.
    static Optional<Integer> columns(Map<String, String> environment) {
        String named = environment.getOrDefault("COLUMNS", "");
        if (named.matches("[1-9]\\d{0,4}")) {
            return Optional.of(Integer.valueOf(named));
        }
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            stty.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS);
            Matcher columns = ROWS_AND_COLUMNS.matcher(size);
            return columns.matches() && !columns.group(1).equals("0")
                    ? Optional.of(Integer.valueOf(columns.group(1)))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
