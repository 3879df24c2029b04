package dev.firn.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
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
/// They keep all their data in one folder. A restart on that folder finds the data again, on the same ports if they are
/// free. A part that dies is started again, until that happens too often. The children stop in order when the stack is
/// closed or this JVM shuts down, and by themselves when this process is killed. Thread-safe.
public final class EmbeddedStack implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedStack.class);

    private final StackSettings settings;
    private final FolderLock lock;
    private final StackAddresses addresses;
    private final List<ChildProcess> parts = new ArrayList<>();
    private final List<ChildProcess> others = new ArrayList<>();
    private final Keeper keeper = new Keeper(Clock.systemUTC(), this::writeState);
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
    /// Throws [StackException]: `ALREADY_RUNNING` says what runs on the folder, `PART_FAILED` names the part and
    /// shows the end of its log. After an exception nothing is left running.
    public static EmbeddedStack start(StackSettings settings) {
        return start(settings, new StackListener() {});
    }

    /// The same; the listener hears of all parts from the start.
    public static EmbeddedStack start(StackSettings settings, StackListener listener) {
        Path folder = settings.folder();
        try {
            Files.createDirectories(folder);
            FolderLock lock = FolderLock.take(folder).orElseThrow(() -> alreadyRunning(folder));
            try {
                return start(settings, listener, lock);
            } catch (RuntimeException | IOException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new StackException(
                    StackException.Code.FOLDER_UNUSABLE, "[%s] cannot use the data folder".formatted(folder), e);
        }
    }

    private static EmbeddedStack start(StackSettings settings, StackListener listener, FolderLock lock)
            throws IOException {
        Path folder = settings.folder();
        Optional<StackFile> previous = StackFile.read(folder);
        previous.ifPresent(state -> state.parts().parallelStream().forEach(ChildProcess::reap));
        StackPlan plan = StackPlan.of(settings, previous.map(StackFile::addresses));
        CatalogFile.create(folder);
        EmbeddedStack stack = new EmbeddedStack(settings, lock, plan.addresses());
        stack.keeper.listen(listener);
        Runtime.getRuntime().addShutdownHook(stack.shutdownHook);
        try {
            stack.startParts(plan.processes());
            stack.createGoldSchema();
            stack.parts.forEach(stack.keeper::keep);
            return stack;
        } catch (RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    private static StackException alreadyRunning(Path folder) {
        String parts = StackFile.read(folder)
                .map(state -> state.parts().parallelStream()
                        .map(part -> "%n  %s".formatted(PartStatus.of(part)))
                        .collect(Collectors.joining()))
                .orElse(" (it is starting)");
        return new StackException(
                StackException.Code.ALREADY_RUNNING,
                "[%s] a stack is already running here:%s".formatted(folder, parts));
    }

    private void startParts(List<ProcessSpec> processes) {
        List<ChildProcess> started = new ArrayList<>();
        for (ProcessSpec process : processes) {
            started.add(spawn(process, parts));
        }
        writeState();
        awaitReady(started);
    }

    private void awaitReady(List<ChildProcess> started) {
        try (ExecutorService waiters = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> waits = new ArrayList<>();
            for (ChildProcess child : started) {
                waits.add(waiters.submit(() -> awaitReady(child)));
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

    private void awaitReady(ChildProcess child) {
        long began = System.nanoTime();
        child.awaitReady(keeper.listener());
        keeper.listener().isReady(child.state(), Duration.ofNanos(System.nanoTime() - began));
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
        trino.await("to accept statements", () -> {
            TrinoStatements.Outcome outcome = statements.run(statement);
            if (!outcome.isSuccess() && !outcome.isTooEarly()) {
                throw trino.failed(
                        "failed to create the gold schema (%s: %s)".formatted(outcome.errorName(), outcome.message()));
            }
            return outcome.isSuccess();
        });
    }

    /// Starts another process under the same supervision and returns when it is ready. [#status] includes it, and it
    /// stops before the parts that it uses.
    public Part run(ProcessSpec process) {
        return runAll(List.of(process)).getFirst();
    }

    /// Starts several at once and returns when all are ready. If one cannot start, none of them stays.
    public List<Part> runAll(List<ProcessSpec> processes) {
        List<ChildProcess> started = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                throw new StackException(StackException.Code.PART_FAILED, "the stack is closed");
            }
            for (ProcessSpec process : processes) {
                if (all().stream().anyMatch(other -> other.state().name().equals(process.name()))) {
                    throw new IllegalArgumentException(
                            "[%s] a part with this name is already running".formatted(process.name()));
                }
                started.add(spawn(process, others));
            }
            writeState();
        }
        try {
            awaitReady(started);
            started.forEach(keeper::keep);
            return started.stream().map(ChildProcess::state).toList();
        } catch (StackException e) {
            started.reversed().forEach(child -> stop(child.state().name()));
            throw e;
        }
    }

    /// Stops a process that [#run] started.
    public void stop(String name) {
        ChildProcess child;
        synchronized (this) {
            child = others.stream()
                    .filter(one -> one.state().name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("[%s] no such process".formatted(name)));
            others.remove(child);
            writeState();
        }
        keeper.release(child);
        child.askToStop();
        child.awaitStopped();
    }

    public Path folder() {
        return settings.folder();
    }

    public StackAddresses addresses() {
        return addresses;
    }

    /// Checks all parts now, in parallel.
    public List<PartStatus> status() {
        return attached().status();
    }

    /// Completes when a part has died too often to be started again.
    public CompletableFuture<Part> lost() {
        return keeper.lost();
    }

    /// Tells the listener, from now on, of parts that die and come back.
    public void listen(StackListener listener) {
        keeper.listen(listener);
    }

    /// Reads what the folder says about its stack, whether or not it is running and in whichever process.
    public static AttachedStack attach(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        return StackFile.read(absolute)
                .map(state -> new AttachedStack(absolute, state.addresses(), state.parts()))
                .orElseThrow(() -> new StackException(
                        StackException.Code.NOT_FOUND, "[%s] no stack has been started here".formatted(absolute)));
    }

    private synchronized AttachedStack attached() {
        return new AttachedStack(
                folder(), addresses, all().stream().map(ChildProcess::state).toList());
    }

    private synchronized List<ChildProcess> all() {
        List<ChildProcess> all = new ArrayList<>(parts);
        all.addAll(others);
        return all;
    }

    private synchronized ChildProcess spawn(ProcessSpec process, List<ChildProcess> into) {
        ChildProcess child = ChildProcess.start(process, folder().resolve("logs"));
        into.add(child);
        return child;
    }

    private synchronized void writeState() {
        ProcessHandle self = ProcessHandle.current();
        new StackFile(
                        self.pid(),
                        ProcessStart.of(self),
                        addresses,
                        all().stream().map(ChildProcess::state).toList())
                .write(folder());
    }

    /// Stops the processes that [#run] started, latest first, then all parts in parallel. A process that does not stop
    /// within 20 s is killed.
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException e) {
            // the hook is already running; stopping twice is harmless
        }
        stopAll();
    }

    /// A second caller waits until the first has finished: the shutdown hook may race with [#close].
    private void stopAll() {
        synchronized (stopping) {
            List<ChildProcess> first;
            List<ChildProcess> last;
            keeper.close();
            synchronized (this) {
                closed = true;
                first = others.reversed();
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
                LOG.atWarn().setCause(e).addKeyValue("folder", folder()).log("Cannot release the folder's lock");
            }
        }
    }
}
