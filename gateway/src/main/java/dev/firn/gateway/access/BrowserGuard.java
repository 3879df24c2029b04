package dev.firn.gateway.access;

import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/// Keeps pages of other sites from using an open gateway through the browser of somebody on this machine. A page
/// may send requests to the loopback interface (`Origin` tells), and a name of its own may resolve to it (`Host`
/// tells).
final class BrowserGuard {
    private static final Pattern LOOPBACK =
            Pattern.compile("(localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1])(:\\d{1,5})?");

    private BrowserGuard() {}

    /// @throws Refusal with 403 if the call comes from a page of another site
    static void check(Optional<String> host, Optional<String> origin) {
        if (host.filter(name -> !LOOPBACK.matcher(name).matches()).isPresent()) {
            throw Refusal.of(Code.FORBIDDEN, "A gateway without authentication answers to localhost only.");
        }
        if (origin.isPresent() && !isOf(origin.get(), host.orElse(""))) {
            throw Refusal.of(Code.FORBIDDEN, "A gateway without authentication does not serve pages of other sites.");
        }
    }

    private static boolean isOf(String origin, String host) {
        try {
            return host.equals(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
