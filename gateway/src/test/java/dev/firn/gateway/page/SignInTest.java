package dev.firn.gateway.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SignInTest {
    @ParameterizedTest
    @ValueSource(strings = {"/ui/views", "/ui/retrievals/train-1", "/ui/views/a%20b"})
    void leadsToThePageThatWasAskedFor(String path) {
        assertThat(SignIn.isPage(path)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//evil.example",
                "https://evil.example/ui/",
                "/ui",
                "/\\evil.example",
                "javascript:alert(1)",
                "/ui/\r\nSet-Cookie: x=y",
                "/ui/views?q=<script>",
            })
    void leadsNowhereElse(String path) {
        assertThat(SignIn.isPage(path)).isFalse();
    }
}
