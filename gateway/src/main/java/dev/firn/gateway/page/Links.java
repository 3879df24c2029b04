package dev.firn.gateway.page;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// Addresses of pages. Names are encoded, so that an address never leads elsewhere.
public final class Links {
    private Links() {}

    public static String view(String name) {
        return "/ui/views/" + encoded(name);
    }

    public static String retrieval(String id) {
        return "/ui/retrievals/" + encoded(id);
    }

    public static String standing(String id) {
        return "/ui/standing/" + encoded(id);
    }

    /// A call for programs.
    public static String call(String collection, String id) {
        return "/%s/%s".formatted(collection, encoded(id));
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
