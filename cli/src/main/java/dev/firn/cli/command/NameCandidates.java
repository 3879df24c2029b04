package dev.firn.cli.command;

import java.util.Iterator;
import java.util.List;

/// What completion offers for the name of something that exists. Stands in the completion script as a placeholder, from
/// which the script asks `firn names` when it is used.
public sealed class NameCandidates implements Iterable<String> {
    /// Matches a placeholder; its group is the kind.
    public static final String PLACEHOLDER = "@@(\\w+)@@";

    private final Kind kind;

    /// Things with names.
    public enum Kind {
        VIEWS,
        REQUESTS,
        STANDING
    }

    private NameCandidates(Kind kind) {
        this.kind = kind;
    }

    @Override
    public final Iterator<String> iterator() {
        return List.of("@@" + kind.name() + "@@").iterator();
    }

    /// The registered views.
    public static final class Views extends NameCandidates {
        public Views() {
            super(Kind.VIEWS);
        }
    }

    /// Requests with a recent result, and standing retrievals.
    public static final class Requests extends NameCandidates {
        public Requests() {
            super(Kind.REQUESTS);
        }
    }

    /// Standing retrievals.
    public static final class Standing extends NameCandidates {
        public Standing() {
            super(Kind.STANDING);
        }
    }
}
