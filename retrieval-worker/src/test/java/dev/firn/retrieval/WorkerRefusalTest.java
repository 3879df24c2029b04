package dev.firn.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.retrieval.answer.InMemoryStorage;
import dev.firn.schemas.Code;
import dev.firn.service.ServiceRefusedException;
import dev.firn.service.result.ResultLayout;
import org.junit.jupiter.api.Test;

final class WorkerRefusalTest {
    private final InMemoryStorage storage = new InMemoryStorage();

    @Test
    void refusesAStoreWithoutAnAtomicConditionalPut() {
        storage.setNotAtomic();

        ServiceRefusedException refused = catchThrowableOfType(
                ServiceRefusedException.class,
                () -> WorkerRuntime.requireAtomicPut(storage, new ResultLayout("s3://lake/results/firn")));
        assertThat(refused.code()).isEqualTo(Code.STORE_NOT_ATOMIC);
        assertThat(refused.getMessage()).contains("s3://lake/results/firn");
    }

    @Test
    void acceptsAStoreWithOne() {
        assertThatNoException()
                .isThrownBy(() -> WorkerRuntime.requireAtomicPut(storage, new ResultLayout("s3://lake/results/firn")));
    }
}
