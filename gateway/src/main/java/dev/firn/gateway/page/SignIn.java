package dev.firn.gateway.page;

import dev.firn.gateway.access.Callers;
import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.TokenCookie;
import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import io.javalin.http.Context;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/// Signs in with a bearer token, which the browser then keeps in a cookie.
final class SignIn {
    static final String PATH = "/ui/sign-in";
    private static final String FORM = "application/x-www-form-urlencoded";
    /// A token of 3,800 characters and the page to open.
    private static final int MAX_BYTES = 8 << 10;

    private static final String NEXT = "next";

    private final Renderer renderer;

    SignIn(Renderer renderer) {
        this.renderer = renderer;
    }

    void form(Call call) {
        if (!renderer.callers().areAuthenticated()) {
            PageCalls.redirect(call.http(), PageCalls.HOME);
            return;
        }
        show(call, "", asked(call));
    }

    /// Asks whoever is not recognised to sign in.
    void ask(Context http) {
        String next = NextPage.of(http);
        String form = PATH + "?next=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
        if (Htmx.isCall(http)) {
            // it would follow a redirection, and put nothing of the form where the part of the page was
            http.status(Problem.status(Code.UNAUTHENTICATED));
            http.header("WWW-Authenticate", "Bearer");
            Htmx.redirect(http, form);
        } else if ("cross-site".equals(http.header("Sec-Fetch-Site"))) {
            // a link from another site comes without the cookie; the page opens itself again, and that has it
            http.contentType("text/html; charset=utf-8");
            http.result(renderer.html("again.jte", renderer.frame("Firn", "", ""), Map.of("path", next)));
        } else {
            PageCalls.redirect(http, form);
        }
    }

    void signIn(Call call) {
        requireSmallForm(call);
        String next = Optional.ofNullable(call.http().formParam(NEXT))
                .map(NextPage::of)
                .orElseGet(() -> asked(call));
        String token =
                Optional.ofNullable(call.http().formParam("token")).orElse("").strip();
        if (!TokenCookie.canHold(token)) {
            call.http().status(400);
            show(
                    call,
                    token.isEmpty() ? "Enter a token." : "A token has at most 3,800 characters, and no spaces.",
                    next);
            return;
        }
        try {
            renderer.callers()
                    .of(new Callers.Credentials(
                            Optional.of("Bearer " + token), call.header("Host"), call.header("Origin")));
        } catch (Refusal e) {
            if (e.problem().code() != Code.UNAUTHENTICATED) {
                throw e;
            }
            call.http().status(e.problem().status());
            show(call, e.problem().detail(), next);
            return;
        }
        TokenCookie.set(call.http(), token);
        PageCalls.redirect(call.http(), next);
    }

    void signOut(Call call) {
        TokenCookie.clear(call.http());
        PageCalls.redirect(call.http(), PATH);
    }

    private void show(Call call, String fault, String next) {
        renderer.show(call, "sign-in.jte", "Sign in", "", Map.of("fault", fault, NEXT, next));
    }

    /// Everyone may send a form here, so its size is known before any of it is read. Other forms are written to disk.
    private static void requireSmallForm(Call call) {
        String type = Bodies.mediaType(call).orElse("");
        if (!type.equals(FORM)) {
            throw Refusal.of(Code.UNSUPPORTED_MEDIA_TYPE, "The form must be %s, not '%s'.".formatted(FORM, type));
        }
        long length = call.http().req().getContentLengthLong();
        if (length < 0 || length > MAX_BYTES) {
            throw Refusal.of(
                    Code.BODY_TOO_LARGE,
                    "The form may have at most %,d bytes, and needs a Content-Length.".formatted(MAX_BYTES));
        }
    }

    /// The page that the address of the form names.
    private static String asked(Call call) {
        return call.query(NEXT).map(NextPage::of).orElse(PageCalls.HOME);
    }
}
