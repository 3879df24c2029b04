package dev.firn.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The self-signed certificate of a secured broker, as PEM files: one with its key for the broker, one without for
/// clients. The JDK's keytool makes it when the folder has none.
///
/// @param keyFile key and certificate
/// @param certificateFile the certificate alone
record BrokerCertificate(Path keyFile, Path certificateFile) {
    /// The principal with which the broker connects to itself and to its controller.
    static final String PRINCIPAL = "User:CN=firn-broker";

    private static final String ALIAS = "broker";
    private static final Duration KEYTOOL_LIMIT = Duration.ofMinutes(1);
    private static final int VALID_DAYS = 3650;

    static BrokerCertificate in(Path folder) {
        return new BrokerCertificate(folder.resolve("broker-key.pem"), folder.resolve("broker.pem"));
    }

    /// Makes both files unless they are there.
    void create() throws IOException {
        if (Files.exists(keyFile) && Files.exists(certificateFile)) {
            return;
        }
        Path store = keyFile.resolveSibling("broker.p12");
        String password = Secrets.next();
        Files.createDirectories(keyFile.toAbsolutePath().getParent());
        Files.deleteIfExists(store);
        keytool(store, password);
        try (InputStream stored = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(stored, password.toCharArray());
            List<String> certificate =
                    pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded());
            List<String> both = new ArrayList<>(pem(
                    "PRIVATE KEY", keys.getKey(ALIAS, password.toCharArray()).getEncoded()));
            both.addAll(certificate);
            DataFiles.write(keyFile, both);
            DataFiles.write(certificateFile, certificate);
        } catch (GeneralSecurityException e) {
            throw new IOException("[%s] cannot read the broker's certificate".formatted(store), e);
        } finally {
            Files.deleteIfExists(store);
        }
    }

    private static void keytool(Path store, String password) throws IOException {
        ProcessBuilder command = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-validity",
                        Integer.toString(VALID_DAYS),
                        "-dname",
                        PRINCIPAL.substring("User:".length()),
                        "-ext",
                        "san=ip:%s,dns:localhost".formatted(Ports.HOST),
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass:env",
                        "STORE_PASSWORD")
                .redirectErrorStream(true);
        command.environment().put("STORE_PASSWORD", password);
        Process keytool = command.start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!keytool.waitFor(KEYTOOL_LIMIT.toSeconds(), TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                keytool.destroyForcibly();
                throw new IOException("keytool could not make the broker's certificate: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool ran", e);
        }
    }

    private static List<String> pem(String label, byte[] encoded) {
        return List.of(
                "-----BEGIN %s-----".formatted(label),
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(encoded),
                "-----END %s-----".formatted(label));
    }
}
