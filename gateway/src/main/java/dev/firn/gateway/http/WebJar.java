package dev.firn.gateway.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/// The library whose files show the description of the API. Its folder in the jar has its version in the name.
final class WebJar {
    private static final String POM = "/META-INF/maven/org.webjars/swagger-ui/pom.properties";

    private WebJar() {}

    static String swaggerUiVersion() {
        try (InputStream in = WebJar.class.getResourceAsStream(POM)) {
            Properties properties = new Properties();
            properties.load(Objects.requireNonNull(in, POM));
            return Objects.requireNonNull(properties.getProperty("version"), POM);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
