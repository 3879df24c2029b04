package dev.firn.retrieval.job;

import dev.firn.events.Violation;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.schemas.Code;

/// Translates the lake's codes, which have the same names in the catalogue of all codes.
final class LakeCodes {
    private LakeCodes() {}

    static Code of(LakeCode code) {
        return Code.valueOf(code.name());
    }

    static Violation violation(LakeRejection rejection, String field) {
        return of(rejection.lakeCode())
                .violation(
                        field,
                        String.valueOf(rejection.getMessage()),
                        rejection.suggestion().orElse(null));
    }
}
