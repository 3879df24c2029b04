package dev.firn.embedded;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;

/// How to check whether a part is healthy. It is stored in the state file, so other processes can check too.
///
/// @param address `http://…` (must answer 200), `kafka://host:port` (must list a live broker) or `process:alive`
/// @param expects text that the HTTP response must contain
public record HealthProbe(URI address, String expects) {
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final TimedHttp HTTP = new TimedHttp(LIMIT);
    private static final short METADATA = 3;
    private static final int MAX_RESPONSE_BYTES = 1 << 20;

    public static HealthProbe http(String url) {
        return new HealthProbe(URI.create(url), "");
    }

    public static HealthProbe http(String url, String expects) {
        return new HealthProbe(URI.create(url), expects);
    }

    static HealthProbe kafka(String host, int port) {
        return new HealthProbe(URI.create("kafka://%s:%d".formatted(host, port)), "");
    }

    /// Healthy as long as the process is alive.
    public static HealthProbe alive() {
        return new HealthProbe(URI.create("process:alive"), "");
    }

    /// Checks once, within two seconds.
    ///
    /// @return what is wrong, in a few words; empty if the part is healthy
    String fault() {
        try {
            return switch (address.getScheme()) {
                case "http", "https" -> faultOverHttp();
                case "kafka" -> listsALiveBroker() ? "" : "no live broker";
                case "process" -> "";
                default -> throw new IllegalArgumentException("[%s] unknown kind of probe".formatted(address));
            };
        } catch (IOException e) {
            return "not answering";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "not answering";
        }
    }

    private String faultOverHttp() throws IOException, InterruptedException {
        TimedHttp.Answer answer = HTTP.get(address);
        if (answer.status() == 200 && answer.body().contains(expects)) {
            return "";
        }
        return ServiceHealth.fault(answer.body()).orElse("not ready");
    }

    /// Sends a Metadata request, version 1, for no topics. The port opens long before the broker is unfenced, and only
    /// an unfenced broker is in the response.
    private boolean listsALiveBroker() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(address.getHost(), address.getPort()), Math.toIntExact(LIMIT.toMillis()));
            socket.setSoTimeout(Math.toIntExact(LIMIT.toMillis()));
            DataOutputStream request = new DataOutputStream(socket.getOutputStream());
            byte[] body = metadataRequest();
            request.writeInt(body.length);
            request.write(body);
            request.flush();
            DataInputStream response = new DataInputStream(socket.getInputStream());
            int length = response.readInt();
            if (length < 2 * Integer.BYTES || length > MAX_RESPONSE_BYTES) {
                return false;
            }
            int correlationId = response.readInt();
            int brokers = response.readInt();
            return correlationId == 0 && brokers > 0;
        }
    }

    private static byte[] metadataRequest() throws IOException {
        var bytes = new ByteArrayOutputStream();
        DataOutputStream request = new DataOutputStream(bytes);
        request.writeShort(METADATA);
        request.writeShort(1);
        request.writeInt(0); // correlation id
        request.writeShort(-1); // no client id
        request.writeInt(0); // no topics
        return bytes.toByteArray();
    }
}
