package dev.firn.schemas;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Who a Kafka client is to the brokers, as far as its properties tell, for messages about missing rights.
public final class KafkaPrincipal {
    private static final Pattern USERNAME = Pattern.compile("\\busername\\s*=\\s*[\"']?([^\"';\\s]+)");

    private KafkaPrincipal() {}

    /// `User:jobs`, or words if only the brokers know.
    public static String of(Map<String, ?> properties) {
        String protocol = text(properties, "security.protocol");
        if (protocol.startsWith("SASL")) {
            String login = text(properties, "sasl.jaas.config");
            Matcher username = USERNAME.matcher(login);
            if (username.find()) {
                return "User:" + username.group(1);
            }
            Optional<String> ofFile = KafkaCredentials.userOf(login);
            if (ofFile.isPresent()) {
                return "User:" + ofFile.get();
            }
            return "the principal of this client's " + text(properties, "sasl.mechanism") + " login";
        }
        boolean hasCertificate = protocol.equals("SSL")
                && !(text(properties, "ssl.keystore.location") + text(properties, "ssl.keystore.key")).isEmpty();
        return hasCertificate ? "the principal of this client's certificate" : "User:ANONYMOUS";
    }

    private static String text(Map<String, ?> properties, String name) {
        Object value = properties.get(name);
        return value == null ? "" : value.toString();
    }
}
