package dev.firn.config;

import java.util.List;

/// A setting is missing, unknown or out of bounds. The message names every invalid setting, but never a secret's value.
public final class InvalidConfigException extends RuntimeException {
    private final List<String> problems;

    InvalidConfigException(List<String> problems) {
        super("The configuration is invalid:\n  - " + String.join("\n  - ", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
