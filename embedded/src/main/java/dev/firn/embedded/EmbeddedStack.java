package dev.firn.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The real parts, running on this machine as children of this process, on the loopback interface only.
///
/// Everything they keep lies in one folder; a start on the same folder finds it again, on the same ports where those
/// are free. The children stop in order when the stack is closed, when this JVM shuts down, and by themselves when
/// this process is killed. Safe for use by many threads.
public final class EmbeddedStack implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedStack.class);
    private static final int SECRET_BYTES = 16;

    private final StackSettings settings;
    private final FolderLock lock;
    private final StackAddresses addresses;
    private final List<ChildProcess> parts = new ArrayList<>();
    private final List<ChildProcess> more = new ArrayList<>();
    private final CompletableFuture<Part> firstExit = new CompletableFuture<>();
    private final Thread shutdownHook = new Thread(this::stopAll, "firn-stack-shutdown");
    private final Object stopping = new Object();
    private boolean closed;

    private EmbeddedStack(StackSettings settings, FolderLock lock, StackAddresses addresses) {
        this.settings = settings;
        this.lock = lock;
        this.addresses = addresses;
    }

    /// Starts all parts at once and returns when all are ready and the gold schema exists.
    ///
    /// Throws [StackException]: `ALREADY_RUNNING` says what runs on the folder, `PART_FAILED` names the part
    /// and shows the end of its log; nothing is left running then.
    public static EmbeddedStack start(StackSettings settings) {
        Path folder = settings.folder();
        try {
            Files.createDirectories(folder);
            FolderLock lock = FolderLock.take(folder).orElseThrow(() -> alreadyRunning(folder));
            try {
                return start(settings, lock);
            } catch (RuntimeException | IOException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new StackException(
                    StackException.Code.FOLDER_UNUSABLE, "[%s] the data folder cannot be used".formatted(folder), e);
        }
    }

    private static EmbeddedStack start(StackSettings settings, FolderLock lock) throws IOException {
        Path folder = settings.folder();
        Optional<StackFile> previous = StackFile.read(folder);
        previous.ifPresent(state -> state.parts().parallelStream().forEach(ChildProcess::reap));
        Ports ports = Ports.free(previous.map(StackFile::addresses));
        StackAddresses addresses = addresses(settings, ports, previous);
        CatalogFile.create(folder);
        EmbeddedStack stack = new EmbeddedStack(settings, lock, addresses);
        Runtime.getRuntime().addShutdownHook(stack.shutdownHook);
        try {
            stack.startParts(processes(settings, ports, addresses));
            stack.createGoldSchema();
            return stack;
        } catch (RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    private static List<ProcessSpec> processes(StackSettings settings, Ports ports, StackAddresses addresses)
            throws IOException {
        Path folder = settings.folder();
        PartJars jars = new PartJars(settings.home());
        List<ProcessSpec> processes = new ArrayList<>();
        // the slowest first
        processes.add(TrinoPart.process(folder, jars, ports, addresses));
        processes.add(RegistryPart.process(folder, jars, ports));
        if (settings.broker() instanceof Broker.Embedded) {
            processes.add(BrokerPart.process(folder, jars, ports));
        }
        processes.add(S3Part.process(folder, jars, ports, addresses.secretKey()));
        return processes;
    }

    private static StackAddresses addresses(StackSettings settings, Ports ports, Optional<StackFile> previous) {
        String bootstrapServers =
                switch (settings.broker()) {
                    case Broker.Embedded() -> "%s:%d".formatted(Ports.HOST, ports.broker());
                    case Broker.At(String servers) -> servers;
                };
        return new StackAddresses(
                bootstrapServers,
                RegistryPart.url(ports),
                S3Part.endpoint(ports),
                S3Part.ACCESS_KEY,
                previous.map(state -> state.addresses().secretKey()).orElseGet(EmbeddedStack::newSecret),
                S3Part.REGION,
                Ports.HOST,
                ports.trino(),
                TrinoPart.USER,
                CatalogFile.uri(settings.folder()),
                "s3://%s/%s".formatted(StackAddresses.BUCKET, StackAddresses.ICEBERG_PATH));
    }

    private static String newSecret() {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return HexFormat.of().formatHex(secret);
    }

    private static StackException alreadyRunning(Path folder) {
        String parts = StackFile.read(folder)
                .map(state -> state.parts().parallelStream()
                        .map(part -> "%n  %s".formatted(PartStatus.of(part)))
                        .collect(Collectors.joining()))
                .orElse(" (it is just starting)");
        return new StackException(
                StackException.Code.ALREADY_RUNNING, "[%s] a stack already runs here:%s".formatted(folder, parts));
    }

    private void startParts(List<ProcessSpec> processes) {
        List<ChildProcess> started = new ArrayList<>();
        for (ProcessSpec process : processes) {
            started.add(spawn(process, parts));
        }
        writeState();
        try (ExecutorService waiters = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> waits = new ArrayList<>();
            for (ChildProcess child : started) {
                waits.add(waiters.submit(child::awaitReady));
            }
            try {
                for (Future<?> wait : waits) {
                    wait.get();
                }
            } catch (ExecutionException e) {
                waiters.shutdownNow();
                throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                waiters.shutdownNow();
                Thread.currentThread().interrupt();
                throw new StackException(StackException.Code.PART_FAILED, "interrupted while the parts started", e);
            }
        }
    }

    private void createGoldSchema() {
        ChildProcess trino = parts.getFirst();
        String statement = "CREATE SCHEMA IF NOT EXISTS %s.%s WITH (location = '%s/%s')"
                .formatted(
                        StackAddresses.CATALOG,
                        StackAddresses.GOLD_SCHEMA,
                        addresses.warehouse(),
                        StackAddresses.GOLD_SCHEMA);
        TrinoStatements statements =
                new TrinoStatements("http://%s:%d".formatted(addresses.trinoHost(), addresses.trinoPort()));
        trino.await("accepts statements", () -> {
            TrinoStatements.Outcome outcome = statements.run(statement);
            if (!outcome.worked() && !outcome.isTooEarly()) {
                throw trino.failed(
                        "refuses to create the gold schema (%s: %s)".formatted(outcome.errorName(), outcome.message()));
            }
            return outcome.worked();
        });
    }

    /// Starts one more process under the same supervision and returns when it is ready. It is stopped before the parts
    /// it uses, and status covers it.
    public Part run(ProcessSpec process) {
        ChildProcess child;
        synchronized (this) {
            if (closed) {
                throw new StackException(StackException.Code.PART_FAILED, "the stack is closed");
            }
            if (all().stream().anyMatch(other -> other.state().name().equals(process.name()))) {
                throw new IllegalArgumentException("[%s] a part of this name runs already".formatted(process.name()));
            }
            child = spawn(process, more);
            writeState();
        }
        try {
            child.awaitReady();
            return child.state();
        } catch (StackException e) {
            stop(process.name());
            throw e;
        }
    }

    /// Stops one process that [#run] started.
    public void stop(String name) {
        ChildProcess child;
        synchronized (this) {
            child = more.stream()
                    .filter(one -> one.state().name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("[%s] no such process".formatted(name)));
            more.remove(child);
            writeState();
        }
        child.askToStop();
        child.awaitStopped();
    }

    public Path folder() {
        return settings.folder();
    }

    public StackAddresses addresses() {
        return addresses;
    }

    /// Asks every part now, all at once.
    public List<PartStatus> status() {
        return attached().status();
    }

    /// Completes when a part ends that nobody stopped.
    public CompletableFuture<Part> firstExit() {
        return firstExit.copy();
    }

    /// What the folder tells of a stack, whoever runs it, running or not.
    public static AttachedStack attach(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        return StackFile.read(absolute)
                .map(state -> new AttachedStack(absolute, state.addresses(), state.parts()))
                .orElseThrow(() -> new StackException(
                        StackException.Code.NOT_FOUND, "[%s] no stack was ever started here".formatted(absolute)));
    }

    private synchronized AttachedStack attached() {
        return new AttachedStack(
                folder(), addresses, all().stream().map(ChildProcess::state).toList());
    }

    private synchronized List<ChildProcess> all() {
        List<ChildProcess> all = new ArrayList<>(parts);
        all.addAll(more);
        return all;
    }

    private synchronized ChildProcess spawn(ProcessSpec process, List<ChildProcess> into) {
        ChildProcess child = ChildProcess.start(process, folder().resolve("logs"));
        into.add(child);
        CompletableFuture<Void> unused = child.process().onExit().thenRun(() -> noticeExit(child));
        return child;
    }

    private synchronized void noticeExit(ChildProcess child) {
        if (!closed && all().contains(child)) {
            LOG.atWarn()
                    .addKeyValue("part", child.state().name())
                    .addKeyValue("log", child.state().log())
                    .log("A part of the stack ended");
            firstExit.complete(child.state());
        }
    }

    private void writeState() {
        ProcessHandle self = ProcessHandle.current();
        new StackFile(
                        self.pid(),
                        Part.startMillis(self),
                        addresses,
                        all().stream().map(ChildProcess::state).toList())
                .write(folder());
    }

    /// Stops the processes of [#run], the last one first, then the parts, all at once. What cannot stop in order within
    /// 20 s is killed.
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException e) {
            // the hook runs already; stopping twice does no harm
        }
        stopAll();
    }

    /// A second caller waits until the first is done: a shutdown hook may race a close.
    private void stopAll() {
        synchronized (stopping) {
            List<ChildProcess> first;
            List<ChildProcess> last;
            synchronized (this) {
                closed = true;
                first = more.reversed();
                last = List.copyOf(parts);
            }
            for (ChildProcess child : first) {
                child.askToStop();
                child.awaitStopped();
            }
            last.forEach(ChildProcess::askToStop);
            last.forEach(ChildProcess::awaitStopped);
            try {
                lock.close();
            } catch (IOException e) {
                LOG.atWarn().setCause(e).addKeyValue("folder", folder()).log("The folder's lock cannot be released");
            }
        }
    }
}
