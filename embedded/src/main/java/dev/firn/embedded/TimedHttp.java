package dev.firn.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Plain HTTP to parts on this machine, with a limit on the whole exchange. The timeouts of the JDK's clients end with
/// the headers or with each read, so a server that stalls in the body would hold its caller forever. Thread-safe.
///
/// It uses the JDK's older client: the newer one reads all certificates that the JDK trusts when it is created, which
/// takes longer than the calls.
public final class TimedHttp {
    private final Duration limit;

    public TimedHttp(Duration limit) {
        this.limit = limit;
    }

    /// An answer with any status.
    public record Answer(URI uri, int status, String body) {}

    /// @throws IOException if the server does not answer completely within the limit
    public Answer get(URI uri) throws IOException, InterruptedException {
        return send(uri, Map.of(), null);
    }

    /// Sends a POST if there is a body, otherwise a GET.
    Answer send(URI uri, Map<String, String> headers, @Nullable String body) throws IOException, InterruptedException {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        CompletableFuture<Answer> exchange = new CompletableFuture<>();
        Thread.ofVirtual().name("http").start(() -> {
            try {
                exchange.complete(exchange(connection, uri, headers, body));
            } catch (IOException | RuntimeException e) {
                exchange.completeExceptionally(e);
            }
        });
        try {
            return exchange.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("[%s] %s".formatted(uri, e.getCause()), e);
        } catch (TimeoutException e) {
            connection.disconnect();
            throw new IOException("[%s] no complete answer within %d ms".formatted(uri, limit.toMillis()), e);
        }
    }

    private Answer exchange(HttpURLConnection connection, URI uri, Map<String, String> headers, @Nullable String body)
            throws IOException {
        int millis = Math.toIntExact(limit.toMillis());
        connection.setConnectTimeout(millis);
        connection.setReadTimeout(millis);
        headers.forEach(connection::setRequestProperty);
        if (body != null) {
            connection.setRequestMethod("POST");
            connection.setDoOutput(true);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body.getBytes(StandardCharsets.UTF_8));
            }
        }
        int status = connection.getResponseCode();
        try (InputStream in = status < HttpURLConnection.HTTP_BAD_REQUEST
                ? connection.getInputStream()
                : connection.getErrorStream()) {
            return new Answer(uri, status, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
