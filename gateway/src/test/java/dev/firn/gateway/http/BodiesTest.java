package dev.firn.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJsonException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BodiesTest {
    private static final int LIMIT = 1_000;
    private static final int SIZE = 200_000;

    private final Bodies bodies = new Bodies(LIMIT, Clock.systemUTC());

    /// If the connection were closed while the client still sends, the client would see a reset, and no answer.
    @ParameterizedTest
    @ValueSource(longs = {SIZE, -1})
    void aBodyThatIsTooLargeIsReadToItsEnd(long announced) {
        ByteArrayInputStream body = new ByteArrayInputStream(new byte[SIZE]);
        assertThat(refusal(body, announced).problem().code()).isEqualTo(Code.BODY_TOO_LARGE);
        assertThat(body.available()).isZero();
    }

    @Test
    void aHugeBodyIsNot() {
        ByteArrayInputStream body = new ByteArrayInputStream(new byte[SIZE]);
        assertThat(refusal(body, 1L << 30).problem().code()).isEqualTo(Code.BODY_TOO_LARGE);
        assertThat(body.available()).isEqualTo(SIZE);
    }

    @Test
    void aBodyThatIsNotUtf8IsMalformed() {
        byte[] latin = "{\"owner\": \"Käufer\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> bodies.object(new ByteArrayInputStream(latin), latin.length))
                .isInstanceOf(EventJsonException.class)
                .hasMessageContaining(Code.MALFORMED_JSON.name());
    }

    private Refusal refusal(ByteArrayInputStream body, long announced) {
        return catchThrowableOfType(Refusal.class, () -> bodies.object(body, announced));
    }
}
