package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.schemas.WriterSchemas.Patience;
import dev.firn.schemas.WriterSchemas.UnservedSchemaException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Schemas by id while the registry, or one of its ids, is unavailable.
final class WriterSchemasTest {
    private static final Duration REST = Duration.ofSeconds(3);
    private static final Duration REFUSAL = Duration.ofMinutes(5);

    private final FaultyRegistry registry = new FaultyRegistry();
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE); // wraps round, as nanoTime may
    private final RegistryClient client = new RegistryClient(RegistrySettings.of(askedOnce()));
    private final WriterSchemas schemas = new WriterSchemas(client, new Patience(REST, REFUSAL), now::get);

    private Map<String, Object> askedOnce() {
        Map<String, Object> configs = new HashMap<>(registry.configs());
        configs.put("max.retries", "0");
        return configs;
    }

    @AfterEach
    void close() {
        client.close();
        registry.close();
    }

    @Test
    void restsAfterAFaultButServesKnownSchemas() {
        registry.hold(1, "\"string\"");
        assertThat(schemas.of(1)).isPresent();
        registry.failNext(1, 503, "");
        for (int i = 0; i < 3; i++) {
            assertUnavailable(2);
        }
        assertThat(registry.calls()).hasSize(2);
        assertThat(schemas.of(1)).isPresent();

        pass(REST);
        assertThat(schemas.of(2)).isEmpty();
    }

    @Test
    void givesUpAnIdThatIsRefusedForLongWhileOthersAreServed() {
        registry.hold(1, "\"string\"");
        assertThat(schemas.of(1)).isPresent();
        registry.failNext(2, 403, "{\"error_code\":40301,\"message\":\"says the test\"}");
        assertUnavailable(2);
        pass(REFUSAL);

        assertThatThrownBy(() -> schemas.of(2))
                .isInstanceOf(UnservedSchemaException.class)
                .hasMessageContaining("403");
        // what the codec makes of it
        assertThat(Code.of(UndecodableCode.UNSERVED_SCHEMA_ID.name())).contains(Code.UNSERVED_SCHEMA_ID);
    }

    @Test
    void waitsForARegistryThatServesNothingAndStartsOverOnceItDoes() {
        registry.hold(1, "\"string\"");
        assertThat(schemas.of(1)).isPresent();
        registry.failNext(3, 403, "");
        assertUnavailable(2);
        pass(REFUSAL);
        assertUnavailable(2); // and so is the known one

        pass(REST);
        assertThat(schemas.of(2)).isEmpty();
        registry.failNext(1, 403, "");
        assertUnavailable(2);
    }

    @Test
    void waitsWhereNothingIsKnownThatCouldBeAskedFor() {
        registry.failNext(2, 403, "");
        assertUnavailable(2);
        pass(REFUSAL);
        assertUnavailable(2);
    }

    private void assertUnavailable(int id) {
        assertThatThrownBy(() -> schemas.of(id)).isInstanceOf(SchemaRegistryUnavailableException.class);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
