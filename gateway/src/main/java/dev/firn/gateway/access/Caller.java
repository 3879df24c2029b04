package dev.firn.gateway.access;

import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import java.util.List;

/// Who calls, and what they may do. Denies what no rule grants.
///
/// @param principal the caller's name; [#ANONYMOUS] where nobody has to say who they are
public record Caller(String principal, List<Rule> rules) {
    /// The name of every caller of a gateway without authentication.
    public static final String ANONYMOUS = "anonymous";

    public Caller {
        rules = List.copyOf(rules);
    }

    public boolean may(Right right, Kind kind, String name) {
        return rules.stream().anyMatch(rule -> rule.grants(right, kind, name));
    }

    /// @throws Refusal with 403 if the caller may not
    public void require(Right right, Kind kind, String name) {
        if (!may(right, kind, name)) {
            throw Refusal.of(
                    Code.FORBIDDEN, "'%s' may not %s %s '%s'.".formatted(principal, right.text(), kind.noun(), name));
        }
    }

    /// Whether the caller administers all views, and so may read every result.
    public boolean isAdministrator() {
        return may(Right.ADMINISTER, Kind.VIEW, Rule.ALL);
    }
}
