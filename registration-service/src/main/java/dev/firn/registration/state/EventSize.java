package dev.firn.registration.state;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.Violation;
import dev.firn.registration.validation.Findings;
import dev.firn.schemas.Limits;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/// Keeps what is written within the size of an event. A record that the broker refuses would fail its thread, and
/// every one that replaces it: so what a request can make too large is measured when it is decided.
///
/// Sizes are those of the frame that state holds, which is a few bytes more than what is written to a topic.
public final class EventSize {
    /// More findings than these are counted, not listed.
    static final int MAX_FINDINGS = 200;

    private static final int FEW_FINDINGS = 40;
    private static final int SHORT_TEXT = 300;
    private static final int LONG_TEXT = 4_000;

    private EventSize() {}

    public static int of(SpecificRecord event) {
        return Frames.encode(event).length;
    }

    public static boolean fits(SpecificRecord event) {
        return of(event) <= Limits.EVENT_BYTES;
    }

    /// The answer as it can be sent: without the view when that makes it too large, then with what is for people cut
    /// short. Its id and status always stay.
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

    /// The run without the pins of the one before it, when it cannot carry both.
    public static RetrievalRequest fitted(RetrievalRequest run) {
        return run.getPreviousPins() == null || fits(run)
                ? run
                : RetrievalRequest.newBuilder(run).setPreviousPins(null).build();
    }

    /// The record without the pins of its last run, when it cannot carry them; the result of that run has them.
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

    /// Why the view cannot be carried; null: it can.
    public static @Nullable Violation tooLarge(FeatureView view) {
        int bytes = of(view);
        return bytes <= Limits.VIEW_BYTES
                ? null
                : Findings.of(
                        "VIEW_TOO_LARGE",
                        "",
                        "the view takes %d bytes; the limit is %d. Register fewer features, or describe them shorter"
                                .formatted(bytes, Limits.VIEW_BYTES));
    }

    /// The findings as far as they are listed; the last one counts the others.
    public static List<Violation> listed(List<Violation> findings, String restCode, String restMessage) {
        if (findings.size() <= MAX_FINDINGS) {
            return findings;
        }
        List<Violation> listed = new ArrayList<>(findings.subList(0, MAX_FINDINGS));
        listed.add(Findings.of(restCode, "", restMessage.formatted(findings.size() - MAX_FINDINGS)));
        return listed;
    }

    private static List<Violation> few(List<Violation> findings) {
        return findings.stream().limit(FEW_FINDINGS).map(EventSize::shortened).toList();
    }

    public static Violation shortened(Violation finding) {
        String suggestion = finding.getSuggestion();
        return Violation.newBuilder(finding)
                .setField(cut(finding.getField(), SHORT_TEXT))
                .setMessage(cut(finding.getMessage(), SHORT_TEXT))
                .setSuggestion(suggestion == null ? null : cut(suggestion, SHORT_TEXT))
                .build();
    }

    public static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        int end = length - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }
}
