package dev.firn.service.event;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RunChanges;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TargetOutcome;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.avro.specific.SpecificRecord;

/// Keeps records within the size limit of an event. A record that the broker refuses would fail its thread,
/// and every thread that replaces it. So everything that a request can make too large is measured when it is
/// decided.
///
/// Sizes are those of the frame in which state holds an event: a few bytes more than on a topic.
public final class EventSize {
    /// Maximum findings that are listed; the others are counted.
    public static final int MAX_FINDINGS = 200;

    private static final int FEW_FINDINGS = 40;
    private static final int FEW_VIOLATIONS = 20;
    private static final int SHORT_TEXT = 300;
    private static final int LONG_TEXT = 4_000;

    /// What is cut from a result, in this order, until it fits. Counts, digest and locations always stay.
    private static final List<UnaryOperator<RetrievalResult>> RESULT_CUTS = List.of(
            result -> withFiles(result, 0),
            result -> RetrievalResult.newBuilder(result)
                    .setViolations(first(result.getViolations(), FEW_VIOLATIONS))
                    .setWarnings(first(result.getWarnings(), FEW_VIOLATIONS))
                    .build(),
            result -> RetrievalResult.newBuilder(result).setColumns(List.of()).build(),
            result -> RetrievalResult.newBuilder(result)
                    .setViews(List.of())
                    .setViolations(List.of())
                    .setWarnings(List.of())
                    .build());

    private EventSize() {}

    public static int of(SpecificRecord event) {
        return Frames.encode(event).length;
    }

    public static boolean fits(SpecificRecord event) {
        return of(event) <= Limits.EVENT_BYTES;
    }

    /// The answer as it can be sent: without the view if that makes it too large, then with its texts shortened. Its id
    /// and status always stay.
    public static RegistrationResult fitted(RegistrationResult result) {
        if (fits(result)) {
            return result;
        }
        RegistrationResult lighter =
                RegistrationResult.newBuilder(result).setFeatureView(null).build();
        if (fits(lighter)) {
            return lighter;
        }
        return RegistrationResult.newBuilder(lighter)
                .setRequestId(cut(result.getRequestId(), Limits.ID_LENGTH))
                .setName(cut(result.getName(), Limits.IDENTIFIER_LENGTH))
                .setSourceTable(cut(result.getSourceTable(), SHORT_TEXT))
                .setMessage(cut(result.getMessage(), LONG_TEXT))
                .setViolations(few(result.getViolations()))
                .setWarnings(few(result.getWarnings()))
                .build();
    }

    /// The run without the pins of the run before it, if it cannot carry both.
    public static RetrievalRequest fitted(RetrievalRequest run) {
        return run.getPreviousPins() == null || fits(run)
                ? run
                : RetrievalRequest.newBuilder(run).setPreviousPins(null).build();
    }

    /// The record without the pins of its last run, if it cannot carry them; the result of that run has them.
    public static StandingRetrieval fitted(StandingRetrieval record) {
        if (fits(record)) {
            return record;
        }
        String location = record.getLastLocation();
        return StandingRetrieval.newBuilder(record)
                .setLastPins(null)
                .setLastLocation(location == null || location.length() > LONG_TEXT ? null : location)
                .build();
    }

    /// The bytes of a result that fit into an event; its manifest holds everything.
    ///
    /// @param encoder as the result will be written
    public static byte[] fitted(RetrievalResult result, int maxBytes, Function<RetrievalResult, byte[]> encoder) {
        RetrievalResult event = RetrievalResult.newBuilder(withFiles(result, Limits.RESULT_FILES))
                .setMessage(cut(result.getMessage(), LONG_TEXT))
                .build();
        byte[] bytes = encoder.apply(event);
        for (UnaryOperator<RetrievalResult> cut : RESULT_CUTS) {
            if (bytes.length <= maxBytes) {
                return bytes;
            }
            event = cut.apply(event);
            bytes = encoder.apply(event);
        }
        return bytes;
    }

    /// The result with at most so many files, and so many of its changes.
    private static RetrievalResult withFiles(RetrievalResult result, int count) {
        RunChanges changes = result.getChanges();
        return RetrievalResult.newBuilder(result)
                .setFiles(first(result.getFiles(), count))
                .setChanges(
                        changes == null
                                ? null
                                : RunChanges.newBuilder(changes)
                                        .setFiles(first(changes.getFiles(), count))
                                        .build())
                .build();
    }

    /// Why an event cannot hold the view; empty if it can.
    public static Optional<Violation> tooLarge(FeatureView view) {
        int bytes = of(view);
        return bytes <= Limits.VIEW_BYTES
                ? Optional.empty()
                : Optional.of(Code.VIEW_TOO_LARGE.violation(
                        "",
                        "the view takes %d bytes; the limit is %d. Register fewer features, or shorten descriptions"
                                .formatted(bytes, Limits.VIEW_BYTES)));
    }

    /// At most [#MAX_FINDINGS] findings, and then one that counts the others.
    ///
    /// @param moreMessage with one `%d`
    public static List<Violation> listed(List<Violation> findings, Code more, String moreMessage) {
        if (findings.size() <= MAX_FINDINGS) {
            return findings;
        }
        List<Violation> listed = new ArrayList<>(findings.subList(0, MAX_FINDINGS));
        listed.add(more.violation("", moreMessage.formatted(findings.size() - MAX_FINDINGS)));
        return listed;
    }

    /// The finding with its texts shortened.
    public static Violation shortened(Violation finding) {
        String suggestion = finding.getSuggestion();
        return Violation.newBuilder(finding)
                .setField(cut(finding.getField(), SHORT_TEXT))
                .setMessage(cut(finding.getMessage(), SHORT_TEXT))
                .setSuggestion(suggestion == null ? null : cut(suggestion, SHORT_TEXT))
                .build();
    }

    /// The outcome with its texts shortened.
    public static TargetOutcome shortened(TargetOutcome outcome) {
        return TargetOutcome.newBuilder(outcome)
                .setTable(cut(outcome.getTable(), Limits.TABLE_NAME_LENGTH))
                .setCode(cut(outcome.getCode(), Limits.IDENTIFIER_LENGTH))
                .setMessage(cut(outcome.getMessage(), SHORT_TEXT))
                .build();
    }

    /// At most `length` characters of the text; a surrogate pair is never split.
    public static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        int end = length - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    private static List<Violation> few(List<Violation> findings) {
        return findings.stream().limit(FEW_FINDINGS).map(EventSize::shortened).toList();
    }

    private static <T> List<T> first(List<T> list, int count) {
        return list.size() <= count ? list : List.copyOf(list.subList(0, count));
    }
}
