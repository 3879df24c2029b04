package dev.firn.schemas;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/// A properties file with `username` and `password`, or with `token`. It is read whenever it is needed, so what a
/// secret store writes there is used from the next login on, without a restart.
///
/// A reader may see a file that is half written. Whoever changes one should move a complete file into its place, as
/// Kubernetes does.
public record CredentialsFile(Path path) {
    /// What the file holds now.
    ///
    /// @throws UncheckedIOException if it cannot be read
    public Credentials read() {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException("[%s] cannot read the credentials file".formatted(path), e);
        }
        return new Credentials(
                value(properties, "username"), value(properties, "password"), value(properties, "token"));
    }

    private static Optional<String> value(Properties properties, String name) {
        return Optional.ofNullable(properties.getProperty(name)).map(String::strip);
    }

    /// What the file holds.
    public record Credentials(Optional<String> username, Optional<String> password, Optional<String> token) {
        /// Without secrets.
        @Override
        public String toString() {
            return "Credentials[username=%s]".formatted(username);
        }
    }
}
