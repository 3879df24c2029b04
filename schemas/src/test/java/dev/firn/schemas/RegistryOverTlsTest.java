package dev.firn.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A registry behind TLS is trusted as the JVM's default context says, which is made only when it is needed.
final class RegistryOverTlsTest {
    private static final String PASSWORD = "only-for-this-test";
    private static HttpsServer server;
    private static SSLContext trusting;

    private final SSLContext before = SSLContext.getDefault();

    RegistryOverTlsTest() throws GeneralSecurityException {}

    @BeforeAll
    static void startServer(@TempDir Path folder) throws Exception {
        KeyStore keys = keys(folder.resolve("keys.p12"));
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        trusting = SSLContext.getInstance("TLS");
        trusting.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(trusting));
        server.createContext("/", exchange -> {
            byte[] answer = "{\"schema\": \"\\\"string\\\"\"}".getBytes(UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    /// The certificate is for `localhost`.
    private static KeyStore keys(Path file) throws Exception {
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD))
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream stored = Files.newInputStream(file)) {
            keys.load(stored, PASSWORD.toCharArray());
        }
        KeyStore.TrustedCertificateEntry certificate =
                new KeyStore.TrustedCertificateEntry(keys.getCertificate("server"));
        keys.setEntry("trusted", certificate, null);
        return keys;
    }

    @AfterEach
    void restoreTheDefault() {
        SSLContext.setDefault(before);
    }

    @AfterAll
    static void stopServer() {
        server.stop(0);
    }

    @Test
    void theDefaultContextOfTheFirstConnectionDecides() {
        try (RegistryClient client = client("localhost")) {
            SSLContext.setDefault(trusting);
            assertThat(client.schema(1)).contains(Schema.create(Schema.Type.STRING));
        }
    }

    @Test
    void anotherCertificateIsRefused() {
        try (RegistryClient client = client("localhost")) {
            assertThatThrownBy(() -> client.schema(1))
                    .isInstanceOf(SchemaRegistryUnavailableException.class)
                    .hasMessageContaining("SSLHandshakeException");
        }
    }

    @Test
    void aCertificateForAnotherHostIsRefused() {
        SSLContext.setDefault(trusting);
        try (RegistryClient client = client("127.0.0.1")) {
            assertThatThrownBy(() -> client.schema(1))
                    .isInstanceOf(SchemaRegistryUnavailableException.class)
                    .hasMessageContaining("127.0.0.1");
        }
    }

    private static RegistryClient client(String host) {
        String url = "https://%s:%d".formatted(host, server.getAddress().getPort());
        return new RegistryClient(RegistrySettings.of(Map.of("schema.registry.url", url, "max.retries", "0")));
    }
}
