package dev.firn.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.retrieval.answer.InMemoryStorage;
import org.junit.jupiter.api.Test;

final class WorkerRefusalTest {
    private final InMemoryStorage storage = new InMemoryStorage();

    @Test
    void refusesAStoreWithoutAnAtomicConditionalPut() {
        storage.setNotAtomic();

        WorkerRefusedException refused = catchThrowableOfType(
                WorkerRefusedException.class, () -> WorkerRuntime.requireAtomicPut(storage, "s3://lake/results/firn"));
        assertThat(refused.code()).isEqualTo("STORE_NOT_ATOMIC");
        assertThat(refused.getMessage()).contains("s3://lake/results/firn");
    }

    @Test
    void acceptsAStoreWithOne() {
        assertThatNoException().isThrownBy(() -> WorkerRuntime.requireAtomicPut(storage, "s3://lake/results/firn"));
    }
}
