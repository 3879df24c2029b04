package dev.firn.registration.validation;

import dev.firn.config.FirnConfig;
import dev.firn.schemas.CredentialsFile;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/// How to connect to Trino over JDBC. A credentials file is read at each connection, so that a new password or token
/// counts from the next query on.
///
/// @param options further properties of Trino's JDBC driver
public record TrinoLogin(
        String host, int port, String user, Map<String, String> options, Optional<CredentialsFile> credentials) {
    public TrinoLogin {
        options = Map.copyOf(options);
    }

    public static TrinoLogin of(FirnConfig.Trino trino) {
        return new TrinoLogin(
                trino.host(),
                trino.port(),
                trino.user(),
                trino.properties(),
                trino.credentialsFile().map(CredentialsFile::new));
    }

    String url() {
        return "jdbc:trino://%s:%d".formatted(host, port);
    }

    /// The driver's properties as of now.
    ///
    /// @throws java.io.UncheckedIOException if the credentials file cannot be read
    Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("source", "firn-registration");
        properties.setProperty("explicitPrepare", "false");
        options.forEach(properties::setProperty);
        credentials.map(CredentialsFile::read).ifPresent(now -> {
            now.username().ifPresent(name -> properties.setProperty("user", name));
            now.password().ifPresent(password -> properties.setProperty("password", password));
            now.token().ifPresent(token -> properties.setProperty("accessToken", token));
        });
        return properties;
    }
}
