package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SecretsTest {
    private final Secrets secrets = Secrets.of(List.of(
            Map.of("s3.secret-access-key", "hunter2hunter2", "uri", "http://localhost"),
            Map.of("jdbc.password", "pa55word")));

    @Test
    void secretsOfThePropertiesAreMasked() {
        assertThat(secrets.masked("key hunter2hunter2 and pa55word at http://localhost"))
                .isEqualTo("key *** and *** at http://localhost");
    }

    @Test
    void secretsInAddressesAreMasked() {
        assertThat(secrets.masked("jdbc:postgresql://db/x?user=me&password=other1&ssl=true"))
                .isEqualTo("jdbc:postgresql://db/x?user=me&password=***&ssl=true");
        assertThat(secrets.masked("https://me:other@host/x")).isEqualTo("https://***@host/x");
        assertThat(secrets.masked("Authorization: Bearer eyJh.bGci")).isEqualTo("Authorization: Bearer ***");
    }

    @Test
    void faultsWithoutSecretsStayThemselves() {
        Exception fault = new IllegalStateException("plain", new RuntimeException("also plain"));
        assertThat(secrets.masked(fault)).isSameAs(fault);
    }

    @Test
    void faultsWithSecretsAreCopiedWithoutThem() {
        Exception cause = new IllegalStateException("login pa55word refused");
        Throwable masked = secrets.masked(new RuntimeException("failed", cause));
        assertThat(masked).hasMessageContaining("RuntimeException: failed");
        assertThat(masked)
                .cause()
                .hasMessage("java.lang.IllegalStateException: login *** refused")
                .satisfies(copy -> assertThat(copy.getStackTrace()).isEqualTo(cause.getStackTrace()));
    }

    @Test
    void printsNoSecret() {
        assertThat(secrets.toString()).doesNotContain("hunter2").doesNotContain("pa55");
    }
}
