package dev.firn.embedded.child;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/// Runs another main class until the parent process ends it or dies.
///
/// The parent holds the write end of this process's standard input. When the parent closes it or dies, the kernel ends
/// the stream and this process exits: in order if that takes less than [#EXIT_LIMIT], else at once. Nothing polls, and
/// no process id can be mistaken for another.
///
/// Ctrl-C in a terminal reaches every process of the group. Only the parent reacts, so that it can stop its children in
/// order.
public final class Supervised {
    private static final Duration EXIT_LIMIT = Duration.ofSeconds(15);

    private Supervised() {}

    /// The first argument is the main class; the others are passed on to it.
    public static void main(String[] arguments) throws ReflectiveOperationException {
        // Kafka names its segments with the digits of the locale
        Locale.setDefault(Locale.ROOT);
        watch(System.in);
        ignore("INT");
        ignore("HUP");
        Method main = Class.forName(arguments[0]).getMethod("main", String[].class);
        try {
            main.invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
        } catch (InvocationTargetException e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static void watch(InputStream parent) {
        Thread.ofPlatform().name("parent-watch").daemon().start(() -> {
            try {
                while (parent.read() >= 0) {}
            } catch (IOException e) {
                System.err.println("the pipe to the parent is broken: " + e.getMessage());
            }
            exit();
        });
    }

    private static void exit() {
        Thread inOrder = Thread.ofPlatform().name("exit").daemon().start(() -> System.exit(0));
        try {
            inOrder.join(EXIT_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    /// Uses reflection because javac warns about every mention of `sun.misc.Signal`, although it is supported.
    private static void ignore(String signal) {
        try {
            Class<?> signals = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            Object ignoring = Proxy.newProxyInstance(
                    handlers.getClassLoader(), new Class<?>[] {handlers}, (proxy, method, arguments) -> null);
            signals.getMethod("handle", signals, handlers)
                    .invoke(null, signals.getConstructor(String.class).newInstance(signal), ignoring);
        } catch (ReflectiveOperationException e) {
            System.err.println("cannot ignore SIG" + signal + ": " + e);
        }
    }
}
