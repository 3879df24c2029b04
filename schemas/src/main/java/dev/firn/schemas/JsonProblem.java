package dev.firn.schemas;

import java.util.Optional;

/// One thing that is wrong with a JSON body.
///
/// @param path where it is: `features[1].dtype`; empty for the whole body
/// @param suggestion for a misspelt name, the nearest right one
public record JsonProblem(Code code, String path, String message, Optional<String> suggestion) {
    @Override
    public String toString() {
        String where = path.isEmpty() ? "" : "[" + path + "] ";
        return where + code + ": " + message
                + suggestion.map(name -> "; did you mean '" + name + "'?").orElse("");
    }
}
