package dev.firn.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/// Logback as the command uses it: libraries speak up only when something is wrong, and on standard error.
///
/// It is configured here and named in a system property, not found and read from a file: looking for providers, for
/// configurators and for a file opens all jars of the class path, which takes longer than most commands.
public final class CommandLogging implements SLF4JServiceProvider {
    /// Names and messages come from anybody: control characters are shown as '?', and each further line of a stack
    /// trace is marked, so that nothing but an event begins a line.
    private static final String PATTERN = "%-5level %logger{20}"
            + " %replace(%msg %kvp){'[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]', '?'}%n"
            + "%replace(%replace(%ex){'[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029]', '?'}){'\\n(?=.)', '\n  | '}%nopex";

    private final LoggerContext context = new LoggerContext();
    private final LogbackMDCAdapter contextMap = new LogbackMDCAdapter();
    private final IMarkerFactory markers = new BasicMarkerFactory();

    /// Makes SLF4J use this class. Call it before any class has a logger.
    static void choose() {
        System.setProperty("slf4j.provider", CommandLogging.class.getName());
        // or SLF4J would print which one it uses
        System.setProperty("slf4j.internal.verbosity", "WARN");
    }

    @Override
    public void initialize() {
        context.setName("firn");
        context.setMDCAdapter(contextMap);
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        context.getLogger("org.apache.kafka").setLevel(Level.ERROR);
        context.getLogger("org.apache.hadoop").setLevel(Level.ERROR);
        context.start();
    }

    LoggerContext context() {
        return context;
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return context;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return contextMap;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }
}
