package dev.firn.gateway.page;

import dev.firn.gateway.access.Caller;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.problem.Problem;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.http.Context;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/// Fills the templates of `src/main/jte`, which the build has compiled. They escape whatever they print.
///
/// Beside that, the browser is told to run nothing but the gateway's own files: a name that got through as HTML would
/// still execute nothing. Thread-safe.
public final class Renderer {
    private static final String PACKAGE = "firn.pages";
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private final TemplateEngine templates =
            TemplateEngine.createPrecompiled(Path.of("."), ContentType.Html, Renderer.class.getClassLoader(), PACKAGE);
    private final Callers callers;
    private final String namespace;
    private final Clock clock;

    public Renderer(Callers callers, String namespace, Clock clock) {
        this.callers = callers;
        this.namespace = namespace;
        this.clock = clock;
    }

    Callers callers() {
        return callers;
    }

    /// Answers with a page.
    ///
    /// @param section the entry of the menu that is current
    /// @param parameters of the template, beside its frame
    void show(Call call, String template, String title, String section, Map<String, Object> parameters) {
        String principal = call.caller().principal().equals(Caller.ANONYMOUS)
                ? ""
                : call.caller().principal();
        answer(call.http(), template, frame(title, section, principal), parameters);
    }

    /// Answers with what is wrong, with its status.
    void show(Problem problem, Context http) {
        http.status(problem.status());
        answer(http, "problem.jte", frame(problem.code().name(), "", ""), Map.of("problem", problem));
    }

    Frame frame(String title, String section, String principal) {
        boolean isStranger = callers.areAuthenticated() && principal.isEmpty();
        return new Frame(title, section, principal, isStranger ? "" : namespace, clock.instant());
    }

    private void answer(Context http, String template, Frame frame, Map<String, Object> parameters) {
        http.contentType("text/html; charset=utf-8");
        http.header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        // forms tell where they come from, links to others do not
        http.header("Referrer-Policy", "same-origin");
        http.header("Cache-Control", "no-store");
        http.result(html(template, frame, parameters));
    }

    String html(String template, Frame frame, Map<String, Object> parameters) {
        Map<String, Object> all = new HashMap<>(parameters);
        all.put("frame", frame);
        StringOutput out = new StringOutput();
        templates.render(template, all, out);
        return out.toString();
    }
}
