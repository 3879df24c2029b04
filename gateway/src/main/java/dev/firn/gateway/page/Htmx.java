package dev.firn.gateway.page;

import io.javalin.http.Context;

/// Calls of htmx, with which a page asks for a part of itself, and the answers that it acts on before it looks for that
/// part (<https://htmx.org/reference/#headers>).
final class Htmx {
    /// The address that the browser shows.
    static final String CURRENT_URL = "HX-Current-URL";

    private static final String TRUE = "true";

    private Htmx() {}

    static boolean isCall(Context http) {
        return TRUE.equals(http.header("HX-Request"));
    }

    /// Whether the answer is to replace the element with this id.
    static boolean isFor(Context http, String element) {
        return isCall(http) && element.equals(http.header("HX-Target"));
    }

    /// Makes the browser reload its page.
    static void refresh(Context http) {
        http.header("HX-Refresh", TRUE);
        http.header("Cache-Control", "no-store");
    }

    /// Makes the browser leave its page for another one.
    static void redirect(Context http, String path) {
        http.header("HX-Redirect", path);
        http.header("Cache-Control", "no-store");
    }
}
