package dev.firn.gateway.page;

import io.javalin.http.Context;
import java.net.URI;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where a browser goes once it has signed in: a page of ours, whatever the call says.
final class NextPage {
    private static final Pattern PATH = Pattern.compile("/ui/[A-Za-z0-9._~/%-]{0,512}");
    private static final Pattern QUERY = Pattern.compile("[A-Za-z0-9._~:/%&=+-]{0,512}");
    private static final String CANCEL = "/cancel";

    private NextPage() {}

    /// The address itself if it is one of a page, without a query that could be anything else; or else the first page.
    static String of(String address) {
        int query = address.indexOf('?');
        return query < 0 ? of(address, null) : of(address.substring(0, query), address.substring(query + 1));
    }

    private static String of(@Nullable String path, @Nullable String query) {
        if (path == null || !PATH.matcher(path).matches()) {
            return PageCalls.HOME;
        }
        return query == null || !QUERY.matcher(query).matches() ? path : path + "?" + query;
    }

    /// The page that a call asks for; or that it comes from, if it asks for a part of it or is a form on it.
    static String of(Context http) {
        if (Htmx.isCall(http)) {
            return shown(http.header(Htmx.CURRENT_URL));
        }
        if (!http.req().getMethod().equals("POST")) {
            return of(http.path(), http.queryString());
        }
        String path = http.path();
        return path.endsWith(CANCEL) ? of(path.substring(0, path.length() - CANCEL.length())) : PageCalls.HOME;
    }

    /// Only the path counts, so the address leads to this gateway, by whatever name the browser knows it.
    private static String shown(@Nullable String address) {
        try {
            URI uri = URI.create(address == null ? "" : address);
            return of(uri.getRawPath(), uri.getRawQuery());
        } catch (IllegalArgumentException e) {
            return PageCalls.HOME;
        }
    }
}
