package dev.firn.embedded.child;

import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.UUID;

/// Formats the log folder if it is new, then runs the broker, in one JVM because three would take twice as long.
public final class BrokerMain {
    private BrokerMain() {}

    /// Arguments: the properties file and the log folder named in it.
    public static void main(String[] arguments) throws ReflectiveOperationException {
        String settings = arguments[0];
        if (!Files.exists(Path.of(arguments[1], "meta.properties"))) {
            format(settings);
        }
        String[] kafkaArguments = {settings};
        Class.forName("kafka.Kafka").getMethod("main", String[].class).invoke(null, (Object) kafkaArguments);
    }

    private static void format(String settings) throws ReflectiveOperationException {
        String[] arguments = {"format", "-t", clusterId(), "-c", settings};
        Object exitCode = Class.forName("kafka.tools.StorageTool")
                .getMethod("execute", String[].class, PrintStream.class)
                .invoke(null, arguments, System.out);
        if (!Integer.valueOf(0).equals(exitCode)) {
            throw new IllegalStateException(
                    "[%s] formatting the log folder failed with exit code %s".formatted(settings, exitCode));
        }
    }

    /// Like Kafka's: a UUID in base64 that does not look like an option.
    private static String clusterId() {
        while (true) {
            UUID id = UUID.randomUUID();
            ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * 2)
                    .putLong(id.getMostSignificantBits())
                    .putLong(id.getLeastSignificantBits());
            String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
            if (!text.startsWith("-")) {
                return text;
            }
        }
    }
}
