package dev.firn.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.sasl.AuthorizeCallback;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.auth.SaslExtensionsCallback;
import org.apache.kafka.common.security.scram.ScramExtensionsCallback;

/// Gives Kafka's clients the user and the password of a [CredentialsFile] at each login: of a new connection, and of an
/// old one where the brokers ask for it again (`connections.max.reauth.ms`). Kafka's own handler keeps what it read at
/// the start.
///
/// Clients are told of this class by `sasl.client.callback.handler.class`, and of the file by the option
/// `credentialsFile` of `sasl.jaas.config`. The setting `firn.kafka.credentials-file` does both.
public final class KafkaCredentials implements AuthenticateCallbackHandler {
    private static final String FILE_OPTION = "credentialsFile";

    private static final Pattern FILE = Pattern.compile(FILE_OPTION + "=\"([^\"]+)\"");

    private Optional<CredentialsFile> file = Optional.empty();

    /// The user that the file named in a `sasl.jaas.config` holds now; empty if it names none that can be read.
    static Optional<String> userOf(String jaasConfig) {
        Matcher file = FILE.matcher(jaasConfig);
        try {
            return file.find()
                    ? new CredentialsFile(Path.of(file.group(1))).read().username()
                    : Optional.empty();
        } catch (UncheckedIOException e) {
            return Optional.empty();
        }
    }

    @Override
    public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> jaasConfigEntries) {
        file = jaasConfigEntries.stream()
                .flatMap(entry -> Optional.ofNullable(entry.getOptions().get(FILE_OPTION)).stream())
                .map(path -> new CredentialsFile(Path.of(path.toString())))
                .findFirst();
        if (file.isEmpty()) {
            throw new ConfigException("sasl.jaas.config: expected the option " + FILE_OPTION);
        }
    }

    @Override
    public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
        CredentialsFile.Credentials now = current();
        for (Callback callback : callbacks) {
            switch (callback) {
                case NameCallback name -> name.setName(required(now.username(), "username"));
                case PasswordCallback password ->
                    password.setPassword(required(now.password(), "password").toCharArray());
                case AuthorizeCallback authorize ->
                    authorize.setAuthorized(authorize.getAuthenticationID().equals(authorize.getAuthorizationID()));
                case ScramExtensionsCallback extensions -> extensions.extensions(Map.of());
                case SaslExtensionsCallback _ -> {}
                default -> throw new UnsupportedCallbackException(callback);
            }
        }
    }

    private CredentialsFile.Credentials current() throws IOException {
        try {
            return file.orElseThrow().read();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private String required(Optional<String> value, String name) throws IOException {
        return value.orElseThrow(() ->
                new IOException("[%s] has no %s".formatted(file.orElseThrow().path(), name)));
    }

    @Override
    public void close() {}
}
