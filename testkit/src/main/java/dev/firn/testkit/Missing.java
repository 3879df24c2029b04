package dev.firn.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.opentest4j.TestAbortedException;

/// Ends a test that needs something this machine does not have, such as Python or a server.
///
/// The test is skipped and says what is missing. With `CI=true` it fails instead: a skip is not a pass. The reports of
/// Maven leave out a class that is skipped before its first test, so each skip is also a line of the file that the
/// environment variable `FIRN_SKIPS` names; the gate counts these lines.
public final class Missing {
    private Missing() {}

    /// Always throws.
    ///
    /// @param what names the missing thing and, if it helps, how to get it
    public static void skipOrFail(String what) {
        skipOrFail(what, System.getenv());
    }

    static void skipOrFail(String what, Map<String, String> environment) {
        String message = "missing: " + what;
        if ("true".equals(environment.get("CI"))) {
            throw new AssertionError(message);
        }
        Optional.ofNullable(environment.get("FIRN_SKIPS")).ifPresent(file -> append(Path.of(file), message));
        throw new TestAbortedException(message);
    }

    private static void append(Path file, String message) {
        String firstLine = message.lines().findFirst().orElse(message);
        try {
            Files.write(
                    file,
                    List.of(testClass() + ": " + firstLine),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String testClass() {
        return StackWalker.getInstance()
                .walk(frames -> frames.map(frame -> frame.getClassName()
                                .substring(frame.getClassName().lastIndexOf('.') + 1))
                        .filter(name -> name.endsWith("IT") || name.endsWith("Test"))
                        .findFirst())
                .orElse("a test");
    }
}
