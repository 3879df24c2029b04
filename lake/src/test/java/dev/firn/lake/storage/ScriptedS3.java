package dev.firn.lake.storage;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// The part of the S3 protocol that [Storage] uses, over HTTP, with faults injected by tests: each request consumes the
/// next fault, if any.
public final class ScriptedS3 implements AutoCloseable {
    /// What to do instead of a normal answer.
    enum Fault {
        /// 503 SlowDown.
        SLOW_DOWN,
        /// 409 ConditionalRequestConflict.
        CONFLICT,
        /// 501 NotImplemented.
        NOT_IMPLEMENTED,
        /// 403 AccessDenied.
        ACCESS_DENIED,
        /// 403 InvalidAccessKeyId.
        BAD_KEY,
        /// 404 NoSuchBucket.
        NO_BUCKET,
        /// The connection is closed without an answer.
        RESET,
        /// The request is executed, but its response is lost.
        LOST_ANSWER,
        /// The answer begins, and the connection is closed after half of the body.
        CUT_BODY,
        /// 301 PermanentRedirect, as for a bucket of another region, which a header names.
        WRONG_REGION,
        /// 400 AuthorizationHeaderMalformed, with the right region in its message.
        WRONG_SIGNING_REGION,
        /// 400 ExpiredToken.
        EXPIRED_TOKEN,
        /// 400 KeyTooLongError.
        LONG_KEY,
        /// 403 InvalidObjectState: the object is in an archive.
        ARCHIVED,
        /// 405 MethodNotAllowed.
        NOT_ALLOWED,
        /// 500 InternalError.
        INTERNAL
    }

    final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    public final Map<String, byte[]> objects = new ConcurrentHashMap<>();

    /// A request for an object.
    ///
    /// @param range of a GET; empty if it asks for the whole object
    public record Request(String method, String key, String range) {}

    public final Queue<Request> requests = new ConcurrentLinkedQueue<>();

    /// The requested encryption of each object: algorithm and key.
    final Map<String, String> encryptions = new ConcurrentHashMap<>();

    /// The If-Match of each GET and HEAD that found its object, or "null".
    final Queue<String> conditions = new ConcurrentLinkedQueue<>();

    /// Whether If-Match has no effect.
    volatile boolean ignoresConditions;

    /// Runs before each DELETE.
    volatile Runnable beforeDelete = () -> {};

    /// Whether a DELETE with If-Match is answered 501.
    volatile boolean refusesConditionalDeletes;

    /// Whether objects are listed, and shown by HEAD, without ETag and time, as while they are being written.
    volatile boolean tellsNoEtags;

    /// Whether a conditional PUT checks first and writes later, like a naive store.
    volatile boolean racy;

    private static final long GAP_NANOS = 200_000;
    private static final long IDLE_LIMIT_NANOS = 10_000_000_000L;

    private final AtomicInteger answering = new AtomicInteger();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    public ScriptedS3() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    public Map<String, String> properties() {
        return Map.of(
                "s3.endpoint", "http://127.0.0.1:" + server.getAddress().getPort(),
                "s3.path-style-access", "true",
                "s3.access-key-id", "AKIDEXAMPLE",
                "s3.secret-access-key", "wJalrXUtnFEMI",
                "client.region", "us-east-1",
                "s3.retry.num-retries", "2",
                "s3.retry.min-wait-ms", "10",
                "s3.retry.max-wait-ms", "50");
    }

    /// Waits until no request is being answered.
    void awaitIdle() {
        long deadline = System.nanoTime() + IDLE_LIMIT_NANOS;
        while (answering.get() > 0) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("a request is still open");
            }
            Thread.onSpinWait();
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        answering.incrementAndGet();
        try {
            answerOne(exchange);
        } finally {
            answering.decrementAndGet();
        }
    }

    private void answerOne(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(new Request(exchange.getRequestMethod(), key(exchange), range == null ? "" : range));
        Fault fault = faults.poll();
        switch (fault) {
            case null -> serve(exchange, body, 1);
            case SLOW_DOWN -> error(exchange, 503, "SlowDown");
            case CONFLICT -> error(exchange, 409, "ConditionalRequestConflict");
            case NOT_IMPLEMENTED -> error(exchange, 501, "NotImplemented");
            case ACCESS_DENIED -> error(exchange, 403, "AccessDenied");
            case BAD_KEY -> error(exchange, 403, "InvalidAccessKeyId");
            case NO_BUCKET -> error(exchange, 404, "NoSuchBucket");
            case RESET -> exchange.close();
            case CUT_BODY -> serve(exchange, body, 2);
            case WRONG_REGION -> {
                exchange.getResponseHeaders().set("x-amz-bucket-region", "eu-west-1");
                error(exchange, 301, "PermanentRedirect");
            }
            case WRONG_SIGNING_REGION ->
                error(
                        exchange,
                        400,
                        "AuthorizationHeaderMalformed",
                        "the region 'us-east-1' is wrong; expecting 'eu-west-1'");
            case EXPIRED_TOKEN -> error(exchange, 400, "ExpiredToken");
            case LONG_KEY -> error(exchange, 400, "KeyTooLongError");
            case ARCHIVED -> error(exchange, 403, "InvalidObjectState");
            case NOT_ALLOWED -> error(exchange, 405, "MethodNotAllowed");
            case INTERNAL -> error(exchange, 500, "InternalError");
            case LOST_ANSWER -> {
                objects.putIfAbsent(key(exchange), payload(exchange, body));
                exchange.close();
            }
        }
    }

    /// @param cut 1 sends the whole answer, 2 half of it
    private void serve(HttpExchange exchange, byte[] body, int cut) throws IOException {
        String key = key(exchange);
        byte[] stored = objects.get(key);
        switch (exchange.getRequestMethod()) {
            case "PUT" -> {
                encryptions.put(
                        key,
                        exchange.getRequestHeaders().getFirst("x-amz-server-side-encryption") + " "
                                + exchange.getRequestHeaders().getFirst("x-amz-server-side-encryption-aws-kms-key-id"));
                boolean created = put(key, payload(exchange, body));
                if (created) {
                    send(exchange, 200, new byte[0]);
                } else {
                    error(exchange, 412, "PreconditionFailed");
                }
            }
            case "DELETE" -> {
                beforeDelete.run();
                delete(exchange, key);
            }
            case "HEAD", "GET" -> {
                if (exchange.getRequestURI().getQuery() != null
                        && exchange.getRequestURI().getQuery().contains("list-type=2")) {
                    sendList(exchange, key);
                } else if (stored == null) {
                    error(exchange, 404, "NoSuchKey");
                } else {
                    sendObject(exchange, stored, cut);
                }
            }
            default -> error(exchange, 405, "MethodNotAllowed");
        }
    }

    private void delete(HttpExchange exchange, String key) throws IOException {
        String condition = exchange.getRequestHeaders().getFirst("If-Match");
        byte[] stored = objects.get(key);
        if (condition != null && refusesConditionalDeletes) {
            error(exchange, 501, "NotImplemented");
        } else if (condition != null && !ignoresConditions && stored == null) {
            error(exchange, 404, "NoSuchKey");
        } else if (condition != null
                && !ignoresConditions
                && !condition.equals("\"" + Arrays.hashCode(stored) + "\"")) {
            error(exchange, 412, "PreconditionFailed");
        } else {
            objects.remove(key);
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        }
    }

    private boolean put(String key, byte[] content) {
        if (!racy) {
            return objects.putIfAbsent(key, content) == null;
        }
        boolean free = !objects.containsKey(key);
        LockSupport.parkNanos(GAP_NANOS);
        if (free) {
            objects.put(key, content);
        }
        return free;
    }

    /// The object's bytes, extracted from signed chunks if the SDK sends them.
    private static byte[] payload(HttpExchange exchange, byte[] body) {
        String encoding = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
        if (encoding == null || !encoding.startsWith("STREAMING-")) {
            return body;
        }
        String text = new String(body, StandardCharsets.ISO_8859_1);
        StringBuilder content = new StringBuilder();
        int at = 0;
        while (true) {
            int line = text.indexOf("\r\n", at);
            int size = Integer.parseInt(text.substring(at, line).replaceFirst(";.*", ""), 16);
            if (size == 0) {
                return content.toString().getBytes(StandardCharsets.ISO_8859_1);
            }
            content.append(text, line + 2, line + 2 + size);
            at = line + 2 + size + 2;
        }
    }

    private static String key(HttpExchange exchange) {
        return exchange.getRequestURI().getPath();
    }

    private void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (!tellsNoEtags) {
            exchange.getResponseHeaders().set("ETag", "\"" + Arrays.hashCode(body) + "\"");
        }
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        }
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    private void sendObject(HttpExchange exchange, byte[] stored, int cut) throws IOException {
        String etag = "\"" + Arrays.hashCode(stored) + "\"";
        String condition = exchange.getRequestHeaders().getFirst("If-Match");
        conditions.add(String.valueOf(condition));
        if (condition != null && !ignoresConditions && !condition.equals(etag)) {
            error(exchange, 412, "PreconditionFailed");
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null || exchange.getRequestMethod().equals("HEAD")) {
            send(exchange, 200, stored);
            return;
        }
        String[] bounds = range.substring("bytes=".length()).split("-", 2);
        int from = Integer.parseInt(bounds[0]);
        int to = bounds[1].isEmpty() ? stored.length : (int) Math.min(Long.parseLong(bounds[1]) + 1, stored.length);
        if (from >= stored.length) {
            error(exchange, 416, "InvalidRange");
            return;
        }
        exchange.getResponseHeaders().set("ETag", etag);
        exchange.getResponseHeaders().set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, stored.length));
        exchange.sendResponseHeaders(206, to - from);
        exchange.getResponseBody().write(stored, from, (to - from) / cut);
        exchange.getResponseBody().flush();
        exchange.close();
    }

    /// All keys of the bucket that begin with the prefix, encoded as S3 does.
    private void sendList(HttpExchange exchange, String bucket) throws IOException {
        String prefix = Arrays.stream(exchange.getRequestURI().getRawQuery().split("&"))
                .filter(part -> part.startsWith("prefix="))
                .map(part -> URLDecoder.decode(part.substring("prefix=".length()), StandardCharsets.UTF_8))
                .findFirst()
                .orElse("");
        StringBuilder keys = new StringBuilder();
        String root = bucket.endsWith("/") ? bucket : bucket + "/";
        new TreeMap<>(objects).forEach((path, content) -> {
            if (path.startsWith(root + prefix)) {
                keys.append("<Contents><Key>%s</Key><Size>%d</Size>%s</Contents>"
                        .formatted(
                                URLEncoder.encode(path.substring(root.length()), StandardCharsets.UTF_8),
                                content.length,
                                tellsNoEtags
                                        ? ""
                                        : "<ETag>%d</ETag><LastModified>2026-01-01T00:00:00Z</LastModified>"
                                                .formatted(Arrays.hashCode(content))));
            }
        });
        send(
                exchange,
                200,
                ("<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>" + keys
                                + "</ListBucketResult>")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        error(exchange, status, code, "AKIDEXAMPLE said " + code);
    }

    private static void error(HttpExchange exchange, int status, String code, String message) throws IOException {
        byte[] body = ("<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>")
                .getBytes(StandardCharsets.UTF_8);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
