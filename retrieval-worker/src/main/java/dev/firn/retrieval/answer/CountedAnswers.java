package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalResult;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.schemas.Code;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/// Counts what another sink has sent. An answer that is announced twice counts twice. Thread-safe.
public final class CountedAnswers implements AnswerSink {
    private static final String CODE = "code";

    /// The code of a result that has none.
    private static final String NONE = "none";

    private final AnswerSink sink;
    private final MeterRegistry metrics;

    public CountedAnswers(AnswerSink sink, MeterRegistry metrics) {
        this.sink = sink;
        this.metrics = metrics;
    }

    @Override
    public void announce(RetrievalResult result, TakenRequest request) {
        sink.announce(result, request);
        Counter.builder("firn.retrieval.results")
                .description("results that were announced")
                .tag("status", result.getStatus().name())
                .tag(CODE, result.getCode().isEmpty() ? NONE : result.getCode())
                .register(metrics)
                .increment();
    }

    @Override
    public void deadLetter(TakenRequest request, Code code, String reason) {
        sink.deadLetter(request, code, reason);
        Counter.builder("firn.retrieval.dead.letters")
                .description("records that became dead letters")
                .tag("topic", request.record().topic())
                .tag(CODE, code.name())
                .register(metrics)
                .increment();
    }
}
