package dev.firn.cli.command;

import dev.firn.cli.render.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a command gets from its process. Tests pass their own.
public record CommandContext(
        Console console, InputStream in, Map<String, String> environment, Map<String, String> properties, Clock clock) {
    /// Far above the 900 KiB that an event may have.
    public static final int MAX_TEXT_BYTES = 16 << 20;

    public CommandContext {
        environment = Map.copyOf(environment);
        properties = Map.copyOf(properties);
    }

    public static CommandContext ofProcess(Console console) {
        Map<String, String> properties = new LinkedHashMap<>();
        System.getProperties().stringPropertyNames().forEach(name -> properties.put(name, System.getProperty(name)));
        return new CommandContext(console, System.in, System.getenv(), properties, Clock.systemUTC());
    }

    /// The project's folder, with the embedded stack's parts and the services.
    public Path home() {
        return Path.of(properties.getOrDefault("firn.home", "."))
                .toAbsolutePath()
                .normalize();
    }

    /// What went wrong with a file. The message of some JDK exceptions is just the file's name.
    public static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException denied -> "permission denied";
            case CharacterCodingException bytes -> "it is not UTF-8 text";
            case NoSuchFileException missing -> "no such folder";
            case FileAlreadyExistsException exists -> "a file of that name already exists";
            default -> String.valueOf(failure.getMessage());
        };
    }

    /// Reads a text file, or standard input for `-`.
    ///
    /// @throws CommandFailure if it cannot be read or is too large
    public String readText(String fileOrDash) {
        try (InputStream source = fileOrDash.equals("-") ? in : Files.newInputStream(Path.of(fileOrDash))) {
            byte[] bytes = source.readNBytes(MAX_TEXT_BYTES + 1);
            if (bytes.length > MAX_TEXT_BYTES) {
                throw CommandFailure.usage(
                        "%s is larger than the limit of %,d bytes".formatted(fileOrDash, MAX_TEXT_BYTES));
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (NoSuchFileException e) {
            throw CommandFailure.usage("File not found: " + fileOrDash);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.USAGE, "Cannot read %s: %s".formatted(fileOrDash, reason(e)), e);
        }
    }
}
