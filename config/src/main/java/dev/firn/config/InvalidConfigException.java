package dev.firn.config;

import java.util.List;

/// A setting is missing, unknown or out of bounds. The message names every invalid setting, but never a secret's value.
public final class InvalidConfigException extends RuntimeException {
    private final List<String> problems;

    InvalidConfigException(List<String> problems) {
        super("The configuration is invalid:\n  - " + String.join("\n  - ", problems));
        this.problems = List.copyOf(problems);
    }

    /// A setting that turns out to be invalid when it is used.
    public static InvalidConfigException of(String setting, String problem) {
        return new InvalidConfigException(List.of(setting + ": " + problem));
    }

    public List<String> problems() {
        return problems;
    }
}
