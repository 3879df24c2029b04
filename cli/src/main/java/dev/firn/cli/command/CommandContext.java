package dev.firn.cli.command;

import dev.firn.cli.render.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a command gets from its process; tests give their own.
public record CommandContext(
        Console console, InputStream in, Map<String, String> environment, Map<String, String> properties, Clock clock) {
    /// An event is at most 900 KiB; nothing that is read as text may hold more than some of them.
    private static final int MAX_TEXT_BYTES = 16 << 20;

    public CommandContext {
        environment = Map.copyOf(environment);
        properties = Map.copyOf(properties);
    }

    public static CommandContext ofProcess(Console console) {
        Map<String, String> properties = new LinkedHashMap<>();
        System.getProperties().stringPropertyNames().forEach(name -> properties.put(name, System.getProperty(name)));
        return new CommandContext(console, System.in, System.getenv(), properties, Clock.systemUTC());
    }

    /// The folder of the project, where the parts of the embedded stack and the services lie.
    public Path home() {
        return Path.of(properties.getOrDefault("firn.home", "."))
                .toAbsolutePath()
                .normalize();
    }

    /// What went wrong with a file; some exceptions of the JDK hold the file's name only.
    public static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException denied -> "permission denied";
            case NoSuchFileException missing -> "there is no such folder";
            case FileAlreadyExistsException exists -> "a file is in the way";
            default -> String.valueOf(failure.getMessage());
        };
    }

    /// The text of a file, or for `-` of standard input.
    ///
    /// @throws CommandFailure when there is none
    public String readText(String fileOrDash) {
        try (InputStream source = fileOrDash.equals("-") ? in : Files.newInputStream(Path.of(fileOrDash))) {
            byte[] bytes = source.readNBytes(MAX_TEXT_BYTES + 1);
            if (bytes.length > MAX_TEXT_BYTES) {
                throw CommandFailure.usage("%s holds more than %d bytes".formatted(fileOrDash, MAX_TEXT_BYTES));
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw CommandFailure.usage("There is no file " + fileOrDash);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.USAGE, "%s cannot be read: %s".formatted(fileOrDash, reason(e)), e);
        }
    }
}
