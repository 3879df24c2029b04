package dev.firn.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A TCP proxy whose link a test can break, as if the network or the target were away. Thread-safe.
///
/// ```text
/// REFUSE, HANG                            open connections end, new ones do not get through
/// DARK, DARK_TO_TARGET, DARK_TO_CLIENT    bytes are held back until heal()
/// resetAfter(bytes), resetIdleAfter(time) connections are reset
/// ```
public final class FaultyLink implements AutoCloseable {
    private static final int BACKLOG = 200;
    private static final int BUFFER_BYTES = 16 << 10;

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition healed = lock.newCondition();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong fired = new AtomicLong();
    private volatile @Nullable Fault fault;
    private volatile long resetAfterBytes = Long.MAX_VALUE;
    private volatile int idleMillis;

    /// What is wrong with the link.
    public enum Fault {
        /// Ends all connections, and new ones at once.
        REFUSE,
        /// Ends all connections, accepts new ones and never answers them.
        HANG,
        /// Holds back all bytes, in connections that are open too.
        DARK,
        /// Holds back the bytes of clients. Those of the target pass.
        DARK_TO_TARGET,
        /// Holds back the bytes of the target. Those of clients pass, so the target does what is asked of it.
        DARK_TO_CLIENT
    }

    private enum Direction {
        TO_TARGET,
        TO_CLIENT
    }

    public FaultyLink(String host, int port) {
        try {
            server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        target = new InetSocketAddress(host, port);
        Thread.ofVirtual().name("faulty-link").start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /// Breaks the link until [#heal].
    public void fail(Fault how) {
        fault = how;
        if (how == Fault.REFUSE || how == Fault.HANG) {
            connections.forEach(Connection::close);
        }
    }

    /// Resets each connection once this many bytes have reached the client, until [#heal].
    public void resetAfter(long bytes) {
        resetAfterBytes = bytes;
    }

    /// Resets each new connection that is idle for this long, until [#heal].
    public void resetIdleAfter(Duration idle) {
        idleMillis = Math.toIntExact(idle.toMillis());
    }

    /// Ends all faults. Bytes that were held back arrive; connections that hung end.
    public void heal() {
        lock.lock();
        try {
            fault = null;
            resetAfterBytes = Long.MAX_VALUE;
            idleMillis = 0;
            healed.signalAll();
        } finally {
            lock.unlock();
        }
        connections.stream().filter(Connection::hangs).forEach(Connection::close);
    }

    /// The connections that clients made.
    public long accepted() {
        return accepted.get();
    }

    /// How often a fault met a connection: refused, hung, held back or reset.
    public long fired() {
        return fired.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                accepted.incrementAndGet();
                Thread.ofVirtual().name("faulty-link-connection").start(() -> serve(client));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void serve(Socket client) {
        Fault how = fault;
        Connection connection = new Connection(client);
        if (how == Fault.REFUSE) {
            fired.incrementAndGet();
            connection.close();
            return;
        }
        connections.add(connection);
        if (how == Fault.HANG) {
            fired.incrementAndGet();
            if (fault == null) {
                connection.close(); // healed meanwhile
            }
            return;
        }
        connection.forward();
    }

    /// Waits while bytes in this direction are held back.
    private void awaitLight(Direction direction) throws InterruptedException {
        if (!isDark(direction)) {
            return;
        }
        fired.incrementAndGet();
        lock.lockInterruptibly();
        try {
            while (isDark(direction)) {
                healed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isDark(Direction direction) {
        Fault how = fault;
        return how == Fault.DARK
                || how == (direction == Direction.TO_TARGET ? Fault.DARK_TO_TARGET : Fault.DARK_TO_CLIENT);
    }

    @Override
    public void close() {
        closeQuietly(server);
        heal();
        connections.forEach(Connection::close);
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            // it is closed, or broken, which is as good
        }
    }

    private final class Connection {
        private final Socket client;
        private final AtomicLong toClient = new AtomicLong();
        private volatile @Nullable Socket upstream;

        Connection(Socket client) {
            this.client = client;
        }

        boolean hangs() {
            return upstream == null;
        }

        void forward() {
            Socket there = new Socket();
            upstream = there;
            try {
                there.connect(target);
                client.setSoTimeout(idleMillis);
                there.setSoTimeout(idleMillis);
            } catch (IOException e) {
                close();
                return;
            }
            Thread.ofVirtual().name("faulty-link-requests").start(() -> pipe(client, there, Direction.TO_TARGET));
            pipe(there, client, Direction.TO_CLIENT);
        }

        private void pipe(Socket from, Socket to, Direction direction) {
            byte[] buffer = new byte[BUFFER_BYTES];
            try {
                while (true) {
                    int count = from.getInputStream().read(buffer);
                    awaitLight(direction);
                    if (count < 0) {
                        close();
                        return;
                    }
                    if (direction == Direction.TO_CLIENT && !passes(buffer, count)) {
                        return;
                    }
                    to.getOutputStream().write(buffer, 0, count);
                }
            } catch (SocketTimeoutException e) {
                fired.incrementAndGet();
                reset();
            } catch (IOException e) {
                close(); // a peer or fail() closed it
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                close();
            }
        }

        /// Resets the connection if these bytes reach the limit, after those below it.
        private boolean passes(byte[] buffer, int count) throws IOException {
            long limit = resetAfterBytes;
            long before = toClient.getAndAdd(count);
            if (before + count <= limit) {
                return true;
            }
            client.getOutputStream().write(buffer, 0, (int) Math.max(0, limit - before));
            fired.incrementAndGet();
            reset();
            return false;
        }

        /// Closes the connection with RST instead of FIN.
        private void reset() {
            try {
                client.setSoLinger(true, 0);
            } catch (IOException e) {
                // it is closed already
            }
            close();
        }

        void close() {
            connections.remove(this);
            closeQuietly(client);
            Socket there = upstream;
            if (there != null) {
                closeQuietly(there);
            }
        }
    }
}
