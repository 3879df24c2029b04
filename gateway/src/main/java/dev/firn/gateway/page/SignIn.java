package dev.firn.gateway.page;

import dev.firn.gateway.access.Callers;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.TokenCookie;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Signs in with a bearer token, which the browser then keeps in a cookie.
final class SignIn {
    static final String PATH = "/ui/sign-in";
    /// Where to go afterwards: a page of ours, whatever the address says.
    private static final Pattern NEXT = Pattern.compile("/ui/[A-Za-z0-9._~/%-]{0,512}");

    private final Renderer renderer;

    SignIn(Renderer renderer) {
        this.renderer = renderer;
    }

    void form(Call call) {
        if (!renderer.callers().areAuthenticated()) {
            PageCalls.redirect(call.http(), PageCalls.HOME);
            return;
        }
        show(call, "");
    }

    void signIn(Call call) {
        String token =
                Optional.ofNullable(call.http().formParam("token")).orElse("").strip();
        if (!TokenCookie.canHold(token)) {
            call.http().status(400);
            show(call, token.isEmpty() ? "Enter a token." : "A token has at most 3,800 characters, and no spaces.");
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
            show(call, e.problem().detail());
            return;
        }
        TokenCookie.set(call.http(), token);
        PageCalls.redirect(call.http(), next(call));
    }

    void signOut(Call call) {
        TokenCookie.clear(call.http());
        PageCalls.redirect(call.http(), PATH);
    }

    private void show(Call call, String fault) {
        renderer.show(call, "sign-in.jte", "Sign in", "", Map.of("fault", fault, "next", next(call)));
    }

    static boolean isPage(String path) {
        return NEXT.matcher(path).matches();
    }

    private static String next(Call call) {
        return Optional.ofNullable(call.http().formParam("next"))
                .or(() -> call.query("next"))
                .filter(SignIn::isPage)
                .orElse(PageCalls.HOME);
    }
}
