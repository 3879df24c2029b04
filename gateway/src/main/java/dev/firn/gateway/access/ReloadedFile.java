package dev.firn.gateway.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The content of a file, read again when the file changes. A change that cannot be read is logged, and the content
/// before it stays. Thread-safe.
final class ReloadedFile<T> {
    private static final Logger log = LoggerFactory.getLogger(ReloadedFile.class);

    private final Path file;
    private final Parser<T> parser;
    private T content;
    private FileTime seen;
    private @Nullable FileTime reported;

    /// Reads the text of the file.
    @FunctionalInterface
    interface Parser<T> {
        /// @throws IllegalArgumentException if the text is wrong
        T parse(String text) throws IOException;
    }

    /// @throws IllegalArgumentException if the file cannot be read
    ReloadedFile(Path file, Parser<T> parser) {
        this.file = file;
        this.parser = parser;
        try {
            this.seen = Files.getLastModifiedTime(file);
            this.content = parser.parse(Files.readString(file));
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("[%s] %s".formatted(file, e.getMessage()), e);
        }
    }

    synchronized T get() {
        @Nullable FileTime modified = null;
        try {
            modified = Files.getLastModifiedTime(file);
            if (!modified.equals(seen)) {
                content = parser.parse(Files.readString(file));
                // only now: what cannot be read is tried again at the next call
                seen = modified;
                log.atInfo().addKeyValue("file", file).log("The file has changed and was read again");
            }
        } catch (IOException | IllegalArgumentException e) {
            report(modified, e);
        }
        return content;
    }

    /// Once for each change: the file is tried again at every call.
    private void report(@Nullable FileTime modified, Exception fault) {
        if (modified == null || !modified.equals(reported)) {
            reported = modified;
            log.atError()
                    .addKeyValue("file", file)
                    .addKeyValue("fault", fault.getMessage())
                    .log("The file cannot be read; its last content still applies");
        }
    }
}
