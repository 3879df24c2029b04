package dev.firn.gateway.http;

import dev.firn.gateway.problem.Problem;
import io.javalin.http.Context;
import java.util.List;

/// A page and a form, which answer with who opened them, and a page and a form for everyone.
public final class FakePages implements Pages {
    static final String PAGE = "/ui/page";
    static final String FORM = "/ui/form";
    static final String OPEN_PAGE = "/ui/open-page";
    static final String OPEN_FORM = "/ui/open-form";

    private final Call.Handler open;

    public FakePages() {
        this(FakePages::answer);
    }

    /// @param open answers what is for everyone
    FakePages(Call.Handler open) {
        this.open = open;
    }

    @Override
    public List<Page> all() {
        return List.of(
                new Page("PAGE", "GET", PAGE, Access.CALLERS, FakePages::answer),
                new Page("FORM", "POST", FORM, Access.CALLERS, FakePages::answer),
                new Page("OPEN_PAGE", "GET", OPEN_PAGE, Access.EVERYONE, open),
                new Page("OPEN_FORM", "POST", OPEN_FORM, Access.EVERYONE, open));
    }

    private static void answer(Call call) {
        call.http().result(call.caller().principal());
    }

    @Override
    public void show(Problem problem, Context http) {
        http.status(problem.status());
        http.result("page: " + problem.code());
    }
}
