package dev.firn.gateway.http;

import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import java.util.Collections;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// The conditions of a call that reads (RFC 9110, section 13): `If-Match`, `If-None-Match` and `If-Range`, held against
/// the entity tag of what the call would be answered with. They count only if that is a success, so ask them last.
///
/// What the gateway shows has no time of change, so conditions by time never hold.
public final class Conditions {
    private static final Pattern TAG = Pattern.compile("(W/)?(\"[^\"]*\")");

    private Conditions() {}

    /// Whether the call has a condition that may be answered with 304 or 412.
    public static boolean areIn(Call call) {
        return header(call, "If-Match").isPresent()
                || header(call, "If-None-Match").isPresent();
    }

    /// Calls that change something have no conditions. To change it all the same would be worse than to refuse.
    ///
    /// @throws Refusal with 400 if the call changes something and has a condition
    static void requireNone(Call call) {
        if (!call.reads() && areIn(call)) {
            throw Refusal.of(
                    Code.BAD_PARAMETER,
                    "A call that changes something takes neither If-Match nor If-None-Match; expected_version is the condition of a registration and of a drop.");
        }
    }

    /// Whether the client has the representation already: 304.
    ///
    /// @param tag a strong one, with its quotes
    /// @throws Refusal with 412 if `If-Match` names others only
    public static boolean isUnchanged(Call call, String tag) {
        if (!call.reads()) {
            return false;
        }
        Optional<String> match = header(call, "If-Match");
        if (match.isPresent() && !names(match.get(), found -> found.group(1) == null && isTag(found, tag))) {
            throw Refusal.of(Code.PRECONDITION_FAILED, "The current ETag is %s; If-Match names others.".formatted(tag));
        }
        return header(call, "If-None-Match")
                .filter(tags -> names(tags, found -> isTag(found, tag)))
                .isPresent();
    }

    /// Whether a range may be sent: the client does not ask for the whole of anything but what it knows.
    public static boolean allowRange(Call call, String tag) {
        return !call.isHead() && header(call, "If-Range").map(tag::equals).orElse(true);
    }

    private static boolean names(String tags, Predicate<MatchResult> isNamed) {
        return tags.equals("*") || TAG.matcher(tags).results().anyMatch(isNamed);
    }

    private static boolean isTag(MatchResult found, String tag) {
        return tag.equals(found.group(2));
    }

    /// A field that came in several lines is one list.
    private static Optional<String> header(Call call, String name) {
        String all = String.join(", ", Collections.list(call.http().req().getHeaders(name)));
        return Optional.of(all.strip()).filter(text -> !text.isEmpty());
    }
}
