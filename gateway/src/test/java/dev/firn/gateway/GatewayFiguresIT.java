package dev.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.embedded.StackUser;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.gateway.kafka.EventSender;
import dev.firn.gateway.kafka.KafkaClients;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Topic;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the gateway adds to a retrieval over events, and what it holds while files go through it: to clients that read
/// fast, slowly, or not to the end. `-Dfirn.figures.mib=1024 -Dfirn.figures.retrievals=50` takes the figures; the gate
/// runs a small scale of them. They are written to `target/gateway-figures.txt`.
@WithStack
final class GatewayFiguresIT {
    private static final int MIB = Integer.getInteger("firn.figures.mib", 96);
    private static final int RETRIEVALS = Integer.getInteger("firn.figures.retrievals", 5);
    private static final int WARM_UP = 3;
    private static final int READERS = 4;
    private static final int SLOW_CLIENTS = 100;
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Path FIGURES = Path.of("target", "gateway-figures.txt");
    /// The aim where it is asked for; on a machine that others use, the figure says little.
    private static final int AIM_MILLIS = 20;

    private static GatewayStack stack;
    private static ServiceChild gateway;
    private static Http http;
    private static int port;
    private static long checksum;

    @BeforeAll
    static void start() throws IOException {
        stack = GatewayStack.shared();
        port = ServiceChild.freePort();
        // a quarter of it is more than the clients need, and less than one file
        gateway = ServiceChild.start(
                "dev.firn.gateway.Gateway",
                MIB > 256 ? "256m" : "80m",
                stack.properties(StackUser.GATEWAY, "firn.gateway.port", Integer.toString(port)),
                stack.log("gateway-" + port));
        http = Http.to(port);
        assertThat(http.post("/feast/features", stack.registration("figures")).status())
                .isIn(200, 201);
        storeResult();
    }

    @AfterAll
    static void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    /// A result of one file, as a worker leaves it.
    private static void storeResult() throws IOException {
        FirnConfig config = stack.config();
        ResultLayout layout = ResultLayout.of(config);
        try (Storage storage = Storage.open(Settings.storageProperties(config))) {
            String location = layout.filesFolder("figures-file", 1, "t") + "/part-00000000.parquet";
            CRC32C crc = new CRC32C();
            byte[] block = new byte[1 << 20];
            Random random = new Random(42);
            try (OutputStream out = storage.output(location).createOrOverwrite()) {
                for (int i = 0; i < MIB; i++) {
                    random.nextBytes(block);
                    crc.update(block);
                    out.write(block);
                }
            }
            checksum = crc.getValue();
            RetrievalResult result = EventJson.read(RetrievalResult.class, EventJson.object("""
                    {"request_id": "figures-file", "request_digest": "d", "status": "SUCCEEDED", "message": "",
                     "attempt": 1, "rows": 1, "location": "%s/", "completed_at": "2026-01-01T00:00:00Z",
                     "files": [{"location": "%s", "rows": 1, "bytes": %d, "checksum": "0"}]}
                    """.formatted(
                            layout.filesFolder("figures-file", 1, "t"), location, (long) MIB << 20)));
            storage.putIfAbsent(layout.manifest("figures-file"), new Manifest(result, null, null, "worker").toBytes());
        }
    }

    @Test
    void filesLargerThanTheHeapGoThroughIt() throws Exception {
        long started = System.nanoTime();
        try (HttpClient client = client()) {
            List<CompletableFuture<Long>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                readers.add(CompletableFuture.supplyAsync(() -> checksumOfFile(client), Thread::startVirtualThread));
            }
            for (CompletableFuture<Long> reader : readers) {
                assertThat(reader.join()).isEqualTo(checksum);
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        assertThat(gateway.isAlive()).isTrue();
        figure("%d clients read a file of %,d MiB each: %.0f MiB/s together, heap %,.0f MiB afterwards"
                .formatted(READERS, MIB, READERS * MIB / seconds, heapMib()));
    }

    /// Whoever reads slowly holds a buffer. Others are served meanwhile, and nothing is left of who goes away.
    @Test
    void clientsThatReadSlowlyOrGoAwayHoldUpNobody() throws Exception {
        double before = heapMib();
        List<Socket> slow = new ArrayList<>();
        long started = System.nanoTime();
        try {
            for (int i = 0; i < SLOW_CLIENTS; i++) {
                slow.add(beginFile());
            }
            Waiting.until(LIMIT, () -> metric("firn_gateway_in_flight") == SLOW_CLIENTS, "all are being sent to");
            started = System.nanoTime();
            assertThat(http.get("/retrievals/figures-file").status()).isEqualTo(200);
            assertThat(http.get("/retrievals/figures-file/files/0", "Range", "bytes=0-99")
                            .response()
                            .body())
                    .hasSize(100);
            double millis = (System.nanoTime() - started) / 1e6;
            assertThat(millis).as("others wait").isLessThan(30_000);
            figure("%d clients that read nothing: two other calls take %,.0f ms, heap %,.0f MiB (before: %,.0f)"
                    .formatted(SLOW_CLIENTS, millis, heapMib(), before));
            // one goes on, and gets all of it
            assertThat(slow.removeLast()).satisfies(socket -> {
                try (socket) {
                    assertThat(rest(socket)).isEqualTo(checksum);
                }
            });
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        started = System.nanoTime();
        Waiting.until(LIMIT, () -> metric("firn_gateway_in_flight") == 0, "nothing is sent any more");
        figure("%d clients gone in the middle: forgotten after %,.0f ms, heap %,.0f MiB"
                .formatted(slow.size(), (System.nanoTime() - started) / 1e6, heapMib()));
        assertThat(gateway.isAlive()).isTrue();
    }

    /// The same retrieval, in turn: sent and awaited on Kafka, and as a call of the gateway that waits.
    @Test
    void aSmallRetrievalTakesLittleLongerThanOverEvents() throws Exception {
        List<Double> events = new ArrayList<>();
        List<Double> calls = new ArrayList<>();
        FirnConfig config = stack.config();
        KafkaClients kafka = new KafkaClients(config);
        try (AvroCodec codec = AvroCodec.forServices(Settings.schemaRegistryProperties(config));
                EventSender sender = new EventSender(kafka.producer(), codec, stack.namespace);
                Consumer<byte[], byte[]> results = kafka.consumer()) {
            followEnd(results);
            for (int i = 0; i < WARM_UP + RETRIEVALS; i++) {
                double event = millis("figures-event-" + i, id -> overEvents(id, sender, results));
                double call = millis("figures-call-" + i, GatewayFiguresIT::overHttp);
                if (i >= WARM_UP) {
                    events.add(event);
                    calls.add(call);
                }
            }
        }
        double overhead = median(calls) - median(events);
        figure("%d small retrievals: median %,.1f ms over events, %,.1f ms through the gateway: %,.1f ms more"
                .formatted(RETRIEVALS, median(events), median(calls), overhead));
        if (Integer.getInteger("firn.figures.retrievals") != null) {
            assertThat(overhead).as("milliseconds more at the median").isLessThanOrEqualTo(AIM_MILLIS);
        }
    }

    private interface Ask {
        void ask(String id) throws Exception;
    }

    private static double millis(String id, Ask ask) throws Exception {
        long started = System.nanoTime();
        ask.ask(id);
        return (System.nanoTime() - started) / 1e6;
    }

    private static String request(String id) {
        return """
                {"request_id": "%s", "features": ["figures:total_orders"],
                 "spine": {"kind": "IDS", "columns": ["customer_id"], "rows": [["1"], ["2"]]}}
                """.formatted(id);
    }

    private static void overHttp(String id) {
        Http.Answer answer = http.post("/retrievals", request(id), "Prefer", "wait=60");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("status").asText()).isEqualTo("SUCCEEDED");
    }

    private static void overEvents(String id, EventSender sender, Consumer<byte[], byte[]> results) {
        RetrievalRequest request = EventJson.read(RetrievalRequest.class, EventJson.object(request(id)));
        sender.send(Topic.RETRIEVAL_REQUESTS, id, request, Map.of());
        long end = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < end) {
            for (ConsumerRecord<byte[], byte[]> result : results.poll(Duration.ofSeconds(1))) {
                if (Arrays.equals(result.key(), id.getBytes(StandardCharsets.UTF_8))) {
                    return;
                }
            }
        }
        throw new AssertionError("no answer to " + id);
    }

    private static void followEnd(Consumer<byte[], byte[]> results) {
        String topic = stack.namespace.topic(Topic.RETRIEVAL_RESULTS);
        results.assign(results.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList());
        results.seekToEnd(results.assignment());
        results.assignment().forEach(results::position);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static HttpClient client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    private static long checksumOfFile(HttpClient client) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:%d/retrievals/figures-file/files/0".formatted(port)))
                .build();
        try (InputStream in =
                client.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
            return checksum(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static long checksum(InputStream in) throws IOException {
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[64 << 10];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            crc.update(buffer, 0, read);
        }
        return crc.getValue();
    }

    /// A client that asks for the file and reads the head of the answer only.
    private static Socket beginFile() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4 << 10);
        socket.setSoTimeout(Math.toIntExact(LIMIT.toMillis()));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.getOutputStream()
                .write("GET /retrievals/figures-file/files/0 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
        return socket;
    }

    /// The checksum of the body of a file that [#beginFile] has begun.
    private static long rest(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        for (int last = 0; last != 0x0d0a0d0a; ) {
            last = last << 8 | in.read();
        }
        return checksum(in);
    }

    private static double heapMib() {
        return Stream.of(metrics().split("\n"))
                        .filter(line -> line.startsWith("jvm_memory_used_bytes") && line.contains("area=\"heap\""))
                        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                        .sum()
                / (1 << 20);
    }

    private static double metric(String name) {
        return Stream.of(metrics().split("\n"))
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(-1);
    }

    private static String metrics() {
        return Http.to(gateway.healthPort()).get("/metrics").text();
    }

    private static void figure(String line) throws IOException {
        Files.createDirectories(FIGURES.getParent());
        Files.writeString(FIGURES, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
