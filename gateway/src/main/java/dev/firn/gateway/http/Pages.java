package dev.firn.gateway.http;

import dev.firn.gateway.problem.Problem;
import io.javalin.http.Context;
import java.util.List;

/// Pages for people, beside the calls for programs.
public interface Pages {
    /// What is served at a path.
    ///
    /// @param name for meters
    /// @param access who may open it
    record Page(String name, String method, String path, Access access, Call.Handler handler) {}

    /// Who may open a page.
    enum Access {
        /// Whom the gateway recognises.
        CALLERS,
        /// Everyone: the form to sign in, and files that reveal nothing.
        EVERYONE
    }

    List<Page> all();

    /// Shows a problem to somebody who wanted a page.
    void show(Problem problem, Context http);
}
