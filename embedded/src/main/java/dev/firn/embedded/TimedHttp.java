package dev.firn.embedded;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// HTTP requests with a limit on the whole exchange. The timeout of an [HttpRequest] ends with the headers of the
/// answer, so a server that stalls in the body would hold its caller forever. Thread-safe.
final class TimedHttp {
    private final HttpClient client;
    private final Duration limit;

    TimedHttp(Duration limit) {
        this.limit = limit;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(limit)
                .build();
    }

    /// @throws IOException if the server does not answer completely within the limit
    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<String>> exchange =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        try {
            return exchange.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("[%s] %s".formatted(request.uri(), e.getCause()), e);
        } catch (TimeoutException e) {
            throw new IOException("[%s] no complete answer within %d ms".formatted(request.uri(), limit.toMillis()), e);
        } finally {
            exchange.cancel(true);
        }
    }
}
