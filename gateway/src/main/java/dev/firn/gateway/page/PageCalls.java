package dev.firn.gateway.page;

import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.Pages;
import dev.firn.gateway.problem.Problem;
import dev.firn.schemas.Code;
import io.javalin.http.Context;
import java.util.List;

/// The pages and their addresses. A page shows what the calls for programs show to the same caller, and nothing
/// more: it asks the same parts.
public final class PageCalls implements Pages {
    static final String HOME = "/ui/views";
    private static final int SEE_OTHER = 303;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERRORS = 500;
    private static final String GET = "GET";

    private final Renderer renderer;
    private final ViewPages views;
    private final RetrievalPages retrievals;
    private final StandingPages standing;
    private final DeadLetterPage deadLetters;
    private final SignIn signIn;

    public PageCalls(
            Renderer renderer,
            ViewPages views,
            RetrievalPages retrievals,
            StandingPages standing,
            DeadLetterPage deadLetters) {
        this.renderer = renderer;
        this.views = views;
        this.retrievals = retrievals;
        this.standing = standing;
        this.deadLetters = deadLetters;
        this.signIn = new SignIn(renderer);
    }

    @Override
    public List<Page> all() {
        return List.of(
                new Page("PAGE_HOME", GET, "/", Access.EVERYONE, call -> redirect(call.http(), HOME)),
                new Page("PAGE_HOME", GET, "/ui", Access.EVERYONE, call -> redirect(call.http(), HOME)),
                page("PAGE_VIEWS", HOME, views::list),
                page("PAGE_VIEW", HOME + "/{name}", views::show),
                page("PAGE_RETRIEVALS", "/ui/retrievals", retrievals::list),
                page("PAGE_RETRIEVAL", "/ui/retrievals/{id}", retrievals::show),
                new Page("PAGE_CANCEL", "POST", "/ui/retrievals/{id}/cancel", Access.CALLERS, retrievals::cancel),
                page("PAGE_STANDING", "/ui/standing", standing::list),
                page("PAGE_STANDING_ONE", "/ui/standing/{id}", standing::show),
                page("PAGE_DEAD_LETTERS", "/ui/dead-letters", deadLetters::list),
                new Page("PAGE_SIGN_IN", GET, SignIn.PATH, Access.EVERYONE, signIn::form),
                new Page("PAGE_SIGN_IN", "POST", SignIn.PATH, Access.EVERYONE, signIn::signIn),
                new Page("PAGE_SIGN_OUT", "POST", "/ui/sign-out", Access.EVERYONE, signIn::signOut));
    }

    private static Page page(String name, String path, Call.Handler handler) {
        return new Page(name, GET, path, Access.CALLERS, handler);
    }

    @Override
    public void show(Problem problem, Context http) {
        if (problem.code() == Code.UNAUTHENTICATED) {
            signIn.ask(http);
            return;
        }
        renderer.show(problem, http);
        if (Htmx.isCall(http) && isFinal(problem)) {
            // a part that asks for itself keeps what it shows if the answer is an error, so load the page: it says why
            Htmx.refresh(http);
        }
    }

    /// Whether the same call gets the same answer until somebody changes something. The others pass by themselves: the
    /// page says that it is not current, and asks again.
    private static boolean isFinal(Problem problem) {
        return problem.status() < SERVER_ERRORS && problem.status() != TOO_MANY_REQUESTS;
    }

    static void redirect(Context http, String path) {
        http.status(SEE_OTHER);
        http.header("Location", path);
        http.header("Cache-Control", "no-store");
    }
}
