package dev.firn.gateway.http;

import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import io.javalin.http.Context;
import java.util.Optional;
import java.util.regex.Pattern;

/// The bearer token of somebody who signed in with a browser, in a cookie that no script can read and that no other
/// site can make the browser send.
///
/// The cookie counts for reading and for the pages' own forms, which must come from a page of this gateway. It counts
/// for no other call that changes something: those take the token in `Authorization` only.
public final class TokenCookie {
    private static final String NAME = "firn-token";
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e&&[^\";,\\\\]]{1,3800}");
    private static final Pattern LOOPBACK =
            Pattern.compile("(localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1])(:\\d{1,5})?");

    private TokenCookie() {}

    /// What stands for the header `Authorization` of a call: the header, else the cookie if it counts.
    static Optional<String> authorization(Context http) {
        return Optional.ofNullable(http.header("Authorization"))
                .or(() -> isRead(http) ? bearer(http) : Optional.empty());
    }

    /// The same for a form of a page.
    ///
    /// @throws Refusal with 403 if it comes from a page of another site
    static Optional<String> authorizationOfForm(Context http) {
        requireSameOrigin(http);
        return bearer(http);
    }

    private static Optional<String> bearer(Context http) {
        return Optional.ofNullable(http.cookie(NAME))
                .filter(token -> !token.isEmpty())
                .map(token -> "Bearer " + token);
    }

    private static boolean isRead(Context http) {
        String method = http.req().getMethod();
        return method.equals("GET") || method.equals("HEAD");
    }

    /// Browsers say where a form comes from: in `Sec-Fetch-Site`, or in `Origin` where the gateway is reached
    /// over plain HTTP. A client that sends neither is not a browser: it has no cookie to misuse, and no
    /// reason to send a form.
    private static void requireSameOrigin(Context http) {
        String site = http.header("Sec-Fetch-Site");
        String origin = http.header("Origin");
        String host = http.header("Host");
        boolean isSame = site != null
                ? site.equals("same-origin")
                : origin != null
                        && host != null
                        && (origin.equals("https://" + host) || origin.equals("http://" + host));
        if (!isSame) {
            throw Refusal.of(Code.FORBIDDEN, "The form was not sent by a page of this gateway.");
        }
    }

    /// Whether a cookie can carry the token.
    public static boolean canHold(String token) {
        return TOKEN.matcher(token).matches();
    }

    /// Keeps the token until the browser ends.
    public static void set(Context http, String token) {
        http.header(
                "Set-Cookie", "%s=%s; %s".formatted(NAME, token, attributes(Optional.ofNullable(http.header("Host")))));
    }

    public static void clear(Context http) {
        http.header(
                "Set-Cookie",
                "%s=; Max-Age=0; %s".formatted(NAME, attributes(Optional.ofNullable(http.header("Host")))));
    }

    /// Browsers keep a `Secure` cookie only of HTTPS; on this machine there is none.
    static String attributes(Optional<String> host) {
        boolean isLoopback =
                host.filter(name -> LOOPBACK.matcher(name).matches()).isPresent();
        return "Path=/; HttpOnly; SameSite=Strict" + (isLoopback ? "" : "; Secure");
    }
}
