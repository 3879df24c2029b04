package dev.firn.embedded.child;

/// Starts the Trino server, whose own main class is not published on Maven Central.
public final class TrinoMain {
    private TrinoMain() {}

    /// The argument is the version that the server reports.
    public static void main(String[] arguments) throws ReflectiveOperationException {
        Class<?> server = Class.forName("io.trino.server.Server");
        server.getMethod("start", String.class).invoke(server.getConstructor().newInstance(), arguments[0]);
    }
}
