package dev.firn.embedded;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// How clients connect to a stack's broker: in the open, or over TLS with a password.
///
/// @param certificate the PEM file of the certificate to trust; empty if the broker is open
/// @param passwords by user name; empty if the broker is open
public record KafkaAccess(String certificate, Map<String, String> passwords) {
    public static final String MECHANISM = "PLAIN";

    /// A broker that asks for nothing.
    public static final KafkaAccess OPEN = new KafkaAccess("", Map.of());

    public KafkaAccess {
        passwords = Map.copyOf(passwords);
    }

    /// Keeps the passwords of the folder's previous run.
    static KafkaAccess secured(Path certificate, Optional<StackAddresses> previous) {
        Map<String, String> known =
                previous.map(addresses -> addresses.kafkaAccess().passwords()).orElse(Map.of());
        Map<String, String> passwords = new TreeMap<>();
        for (StackUser user : StackUser.values()) {
            passwords.put(
                    user.userName(),
                    Optional.ofNullable(known.get(user.userName())).orElseGet(Secrets::next));
        }
        return new KafkaAccess(certificate.toString(), passwords);
    }

    /// Whether clients need TLS and a password.
    @JsonIgnore
    public boolean isSecured() {
        return !certificate.isEmpty();
    }

    public String password(StackUser user) {
        return passwords.getOrDefault(user.userName(), "");
    }

    /// A properties file with a user's name and password, beside the certificate.
    public Path credentialsFile(StackUser user) {
        return Path.of(certificate).resolveSibling(credentialsFileName(user));
    }

    /// The name of that file.
    public static String credentialsFileName(StackUser user) {
        return user.userName() + ".properties";
    }

    void writeCredentialsFiles() throws IOException {
        for (StackUser user : StackUser.values()) {
            DataFiles.write(
                    credentialsFile(user),
                    DataFiles.properties(Map.of("username", user.userName(), "password", password(user))));
        }
    }

    /// What a Java client needs beside the address; empty if the broker is open.
    public Map<String, String> clientProperties(StackUser user) {
        if (!isSecured()) {
            return Map.of();
        }
        Map<String, String> properties = new TreeMap<>(connectionProperties());
        properties.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
                        .formatted(user.userName(), password(user)));
        return properties;
    }

    /// The same without user and password.
    public Map<String, String> connectionProperties() {
        return isSecured()
                ? Map.of(
                        "security.protocol",
                        "SASL_SSL",
                        "sasl.mechanism",
                        MECHANISM,
                        "ssl.truststore.type",
                        "PEM",
                        "ssl.truststore.location",
                        certificate)
                : Map.of();
    }

    /// The broker's side of the passwords.
    String brokerJaasConfig() {
        return Arrays.stream(StackUser.values())
                .map(user -> "user_%s=\"%s\"".formatted(user.userName(), password(user)))
                .collect(Collectors.joining(
                        " ", "org.apache.kafka.common.security.plain.PlainLoginModule required ", ";"));
    }

    /// Without the passwords.
    @Override
    public String toString() {
        return isSecured() ? "KafkaAccess[certificate=%s]".formatted(certificate) : "KafkaAccess[open]";
    }
}
