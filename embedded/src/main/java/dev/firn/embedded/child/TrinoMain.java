package dev.firn.embedded.child;

/// Starts Trino's server: its own main class is in none of the jars on Maven Central.
public final class TrinoMain {
    private TrinoMain() {}

    /// The argument is the version it says it is.
    public static void main(String[] arguments) throws ReflectiveOperationException {
        Class<?> server = Class.forName("io.trino.server.Server");
        server.getMethod("start", String.class).invoke(server.getConstructor().newInstance(), arguments[0]);
    }
}
