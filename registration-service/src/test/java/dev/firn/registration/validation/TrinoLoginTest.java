package dev.firn.registration.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.schemas.CredentialsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrinoLoginTest {
    @Test
    void readsTheFileAgainForEachConnection(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("trino.properties");
        TrinoLogin login =
                new TrinoLogin("trino", 443, "firn", Map.of("SSL", "true"), Optional.of(new CredentialsFile(file)));

        Files.writeString(file, "password=first\n");
        assertThat(login.properties())
                .containsEntry("user", "firn")
                .containsEntry("SSL", "true")
                .containsEntry("password", "first");

        Files.writeString(file, "username=other\ntoken=fresh\n");
        assertThat(login.properties())
                .containsEntry("user", "other")
                .containsEntry("accessToken", "fresh")
                .doesNotContainKey("password");
    }
}
