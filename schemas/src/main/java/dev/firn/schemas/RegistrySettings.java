package dev.firn.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/// How to reach the schema registry, from the properties of Confluent's clients, with and without the prefix
/// `schema.registry.`. Other properties are ignored, as Confluent's clients do.
///
/// @param addresses base addresses without a trailing slash, tried in turn
/// @param authorization gives the value of the `Authorization` header, if any, for each call; secret
record RegistrySettings(
        List<URI> addresses,
        Supplier<Optional<String>> authorization,
        Duration connectTimeout,
        Duration readTimeout,
        int attempts,
        Duration retryPause) {
    static final String URL = "schema.registry.url";

    /// Firn's own property, beside Confluent's.
    private static final String CREDENTIALS_FILE = "credentials.file";

    RegistrySettings {
        addresses = List.copyOf(addresses);
    }

    static RegistrySettings of(Map<String, ?> configs) {
        List<URI> addresses = addresses(configs);
        return new RegistrySettings(
                addresses.stream().map(RegistrySettings::withoutUserInfo).toList(),
                authorization(configs, addresses.getFirst()),
                millis(configs, "http.connect.timeout.ms", Limits.REGISTRY_CONNECT_TIMEOUT),
                millis(configs, "http.read.timeout.ms", Limits.REGISTRY_READ_TIMEOUT),
                1 + (int) number(configs, "max.retries", Limits.REGISTRY_ATTEMPTS - 1L, 20),
                millis(configs, "retries.wait.ms", Limits.REGISTRY_RETRY_PAUSE));
    }

    private static List<URI> addresses(Map<String, ?> configs) {
        Object value = configs.get(URL);
        if (value == null) {
            throw new ConfigException(URL, null, "expected the address of the schema registry");
        }
        String text = value instanceof List<?> list
                ? String.join(",", list.stream().map(Object::toString).toList())
                : value.toString();
        List<URI> addresses = Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(address -> !address.isEmpty())
                .map(RegistrySettings::address)
                .toList();
        if (addresses.isEmpty()) {
            throw new ConfigException(URL, text, "expected at least one address");
        }
        return addresses;
    }

    private static URI address(String text) {
        try {
            URI uri = URI.create(text.replaceAll("(?<!/)/++$", ""));
            String scheme = uri.getScheme();
            if (uri.getHost() != null
                    && scheme != null
                    && List.of("http", "https").contains(scheme.toLowerCase(Locale.ROOT))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // reported below, without the text: it may hold a password
        }
        throw new ConfigException(URL + ": expected http:// or https:// addresses, separated by commas");
    }

    private static URI withoutUserInfo(URI uri) {
        return uri.getRawUserInfo() == null ? uri : URI.create(uri.toString().replace(uri.getRawUserInfo() + "@", ""));
    }

    private static Supplier<Optional<String>> authorization(Map<String, ?> configs, URI first) {
        String file = text(configs, CREDENTIALS_FILE);
        if (file != null) {
            CredentialsFile credentials = new CredentialsFile(Path.of(file));
            return () -> Optional.of(authorization(credentials));
        }
        Optional<String> fixed = fixedAuthorization(configs, first);
        return () -> fixed;
    }

    private static String authorization(CredentialsFile file) {
        CredentialsFile.Credentials now = file.read();
        return now.token()
                .map(token -> "Bearer " + token)
                .or(() -> now.username()
                        .map(username -> basic(username + ":" + now.password().orElse(""))))
                .orElseThrow(() -> new UncheckedIOException(
                        "[%s] expected token, or username and password".formatted(file.path()),
                        new IOException("no credentials")));
    }

    private static Optional<String> fixedAuthorization(Map<String, ?> configs, URI first) {
        String bearer = text(configs, "bearer.auth.credentials.source");
        if (bearer != null) {
            if (!bearer.equals("STATIC_TOKEN")) {
                throw new ConfigException("bearer.auth.credentials.source", bearer, "expected STATIC_TOKEN");
            }
            return Optional.of("Bearer " + required(configs, "bearer.auth.token"));
        }
        String source = text(configs, "basic.auth.credentials.source");
        return switch (source == null ? "URL" : source) {
            case "URL" -> Optional.ofNullable(first.getUserInfo()).map(RegistrySettings::basic);
            case "USER_INFO" -> Optional.of(basic(required(configs, "basic.auth.user.info")));
            default -> throw new ConfigException("basic.auth.credentials.source", source, "expected URL or USER_INFO");
        };
    }

    private static String basic(String userInfo) {
        return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(UTF_8));
    }

    private static String required(Map<String, ?> configs, String name) {
        String value = text(configs, name);
        if (value == null || value.isBlank()) {
            throw new ConfigException(name + ": expected a value, because the credentials source requires it");
        }
        return value;
    }

    private static Duration millis(Map<String, ?> configs, String name, Duration defaultValue) {
        return Duration.ofMillis(number(configs, name, defaultValue.toMillis(), Integer.MAX_VALUE));
    }

    private static long number(Map<String, ?> configs, String name, long defaultValue, long max) {
        String value = text(configs, name);
        try {
            long number = value == null ? defaultValue : Long.parseLong(value);
            if (number >= 0 && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new ConfigException(name, value, "expected a number from 0 to " + max);
    }

    static @Nullable String text(Map<String, ?> configs, String name) {
        Object value = configs.get(name);
        if (value == null) {
            value = configs.get("schema.registry." + name);
        }
        return value == null ? null : value.toString().strip();
    }

    /// Only the addresses: the rest may be secret.
    @Override
    public String toString() {
        return addresses.toString();
    }
}
