package dev.firn.chaos.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What was measured under load, a line each, in `target/load-report.txt`.
final class LoadReport {
    private static final Path REPORT = Path.of("target", "load-report.txt");

    private LoadReport() {}

    /// The most memory that the process had, resident.
    static String peak(ServiceUnderTest service) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(service.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .map(line -> "%6d MiB resident".formatted(Long.parseLong(line.replaceAll("\\D", "")) >> 10))
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void add(String line) {
        System.out.println("load: " + line);
        try {
            Files.createDirectories(REPORT.getParent());
            Files.writeString(
                    REPORT, line + System.lineSeparator(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
