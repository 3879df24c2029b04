package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The races of services that start together. The rest runs on the real registry, in `SchemasIT`.
final class SchemaRegistrarTest {
    private static final TopicCatalogue TOPICS = TopicCatalogue.of(Namespace.DEFAULT);
    private static final List<String> SUBJECTS = TOPICS.topics().stream()
            .filter(spec -> spec.topic().event().isPresent())
            .map(TopicSpec::valueSubject)
            .toList();
    private static final String NO_SUBJECT = "{\"error_code\": 40401}";
    private static final String NO_CONFIG = "{\"error_code\": 40408}";
    private static final String EXISTS = "{\"message\": \"A rule named 'COMPATIBILITY' already exists.\"}";

    private final FaultyRegistry registry = new FaultyRegistry();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void acceptsThatAnotherServiceSetsTheCompatibilityFirst() {
        SUBJECTS.forEach(_ -> answerThatAnotherWasFaster("FULL_TRANSITIVE"));
        try (SchemaRegistrar registrar = new SchemaRegistrar(registry.configs())) {
            assertThat(registrar.register(TOPICS)).isEqualTo(SUBJECTS);
        }
    }

    @Test
    void doesNotAcceptAnotherCompatibility() {
        answerThatAnotherWasFaster("NONE");
        try (SchemaRegistrar registrar = new SchemaRegistrar(registry.configs())) {
            assertThatThrownBy(() -> registrar.register(TOPICS))
                    .isInstanceOf(SchemaRefusedException.class)
                    .hasMessageContaining("already exists");
        }
    }

    private void answerThatAnotherWasFaster(String level) {
        registry.failNext(1, 404, NO_SUBJECT);
        registry.failNext(1, 404, NO_CONFIG);
        registry.failNext(1, 409, EXISTS);
        registry.failNext(1, 200, "{\"compatibilityLevel\": \"%s\"}".formatted(level));
        registry.failNext(1, 200, "{\"id\": 1}");
    }
}
