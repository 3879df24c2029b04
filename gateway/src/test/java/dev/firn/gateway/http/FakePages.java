package dev.firn.gateway.http;

import dev.firn.gateway.problem.Problem;
import io.javalin.http.Context;
import java.util.List;

/// A page and a form. Each answers with who opened it.
public final class FakePages implements Pages {
    static final String PAGE = "/ui/page";
    static final String FORM = "/ui/form";

    @Override
    public List<Page> all() {
        return List.of(
                new Page("PAGE", "GET", PAGE, Access.CALLERS, FakePages::answer),
                new Page("FORM", "POST", FORM, Access.CALLERS, FakePages::answer));
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
