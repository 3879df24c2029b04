package dev.firn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.testkit.FaultyLink.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Clients of a server that echoes each byte.
final class FaultyLinkTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /// How long a client waits for bytes that must not come.
    private static final int SHORT_MILLIS = 200;

    private final AtomicInteger echoed = new AtomicInteger();
    private ServerSocket echo;
    private FaultyLink link;

    @BeforeEach
    void start() throws IOException {
        echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!echo.isClosed()) {
                try {
                    Socket client = echo.accept();
                    Thread.ofVirtual().start(() -> echo(client));
                } catch (IOException e) {
                    return;
                }
            }
        });
        link = new FaultyLink("127.0.0.1", echo.getLocalPort());
    }

    private void echo(Socket client) {
        try (client) {
            int next = client.getInputStream().read();
            while (next >= 0) {
                echoed.incrementAndGet();
                client.getOutputStream().write(next);
                next = client.getInputStream().read();
            }
        } catch (IOException e) {
            // the link closed it
        }
    }

    @AfterEach
    void stop() throws IOException {
        link.close();
        echo.close();
    }

    @Test
    void forwardsBothWaysWhileNothingIsWrong() throws IOException {
        try (Socket client = connect()) {
            send(client, "abc");
            assertThat(received(client, 3)).isEqualTo("abc");
        }
        assertThat(link.accepted()).isEqualTo(1);
        assertThat(link.fired()).isZero();
    }

    @Test
    void endsOpenAndNewConnectionsWhenRefusing() throws IOException {
        try (Socket open = connected()) {
            link.fail(Fault.REFUSE);
            assertEnds(open);
            try (Socket fresh = connect()) {
                assertEnds(fresh);
            }
        }
        assertThat(link.fired()).isEqualTo(1);
        link.heal();
        connected().close();
    }

    @Test
    void acceptsAndNeverAnswersWhenHanging() throws IOException {
        link.fail(Fault.HANG);
        try (Socket client = connect()) {
            send(client, "a");
            assertSilent(client);
            link.heal();
            assertEnds(client);
        }
        assertThat(echoed).hasValue(0);
        assertThat(link.fired()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"DARK", "DARK_TO_TARGET", "DARK_TO_CLIENT"})
    void holdsBytesBackInTheDark(Fault dark) throws IOException {
        try (Socket client = connected()) {
            link.fail(dark);
            send(client, "b");
            assertSilent(client);
            int reached = dark == Fault.DARK_TO_CLIENT ? 2 : 1;
            assertThat(echoed).as("bytes that reached the target").hasValue(reached);
            link.heal();
            assertThat(received(client, 1)).isEqualTo("b");
        }
        assertThat(link.fired()).isPositive();
    }

    @Test
    void resetsAfterBytesThatReachedTheClient() throws IOException {
        link.resetAfter(3);
        try (Socket client = connect()) {
            send(client, "abc");
            assertThat(received(client, 3)).isEqualTo("abc");
            send(client, "d");
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(link.fired()).isEqualTo(1);
    }

    @Test
    void resetsAnIdleConnection() throws IOException {
        link.resetIdleAfter(Duration.ofMillis(50));
        try (Socket client = connect()) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(link.fired()).isPositive();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), link.port());
        socket.setSoTimeout(Math.toIntExact(LIMIT.toMillis()));
        return socket;
    }

    /// A connection that reaches the target.
    private Socket connected() throws IOException {
        Socket socket = connect();
        send(socket, "a");
        assertThat(received(socket, 1)).isEqualTo("a");
        return socket;
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String received(Socket client, int bytes) throws IOException {
        return new String(client.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
    }

    private static void assertSilent(Socket client) throws IOException {
        client.setSoTimeout(SHORT_MILLIS);
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        client.setSoTimeout(Math.toIntExact(LIMIT.toMillis()));
    }

    private static void assertEnds(Socket client) throws IOException {
        try {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }
}
