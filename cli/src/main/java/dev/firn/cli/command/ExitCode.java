package dev.firn.cli.command;

import dev.firn.schemas.Code;
import java.util.LinkedHashMap;
import java.util.Map;

/// How a command ended, for scripts. Numbers never change their meaning.
public enum ExitCode {
    OK(0, "done, or accepted"),
    REFUSED(1, "refused or failed: a rejected registration, a failed retrieval or a failed check"),
    USAGE(2, "the command line, its input or a setting is wrong"),
    NOT_REACHABLE(3, "nothing is running, or part of it cannot be reached"),
    TIMED_OUT(4, "no answer within --timeout; the request stands and may still be answered"),
    NOT_FOUND(5, "no such view, request or standing retrieval"),
    INTERNAL(70, "a bug in Firn");

    private final int number;
    private final String meaning;

    ExitCode(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    public int number() {
        return number;
    }

    /// The code of this failure in the catalogue of codes.
    ///
    /// @throws IllegalStateException for [#OK]
    public Code code() {
        return Code.of(name()).orElseThrow(() -> new IllegalStateException(name() + " is not a failure"));
    }

    /// Number and meaning of each, for the help.
    public static Map<String, String> described() {
        Map<String, String> described = new LinkedHashMap<>();
        for (ExitCode code : values()) {
            described.put(Integer.toString(code.number), code.meaning);
        }
        return described;
    }
}
