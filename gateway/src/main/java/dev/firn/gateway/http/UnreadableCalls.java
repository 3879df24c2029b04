package dev.firn.gateway.http;

import dev.firn.gateway.problem.Problem;
import dev.firn.schemas.Code;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/// Answers calls that the server itself refuses, before any route sees them: an address or headers that are
/// too long, or not HTTP.
final class UnreadableCalls extends ErrorHandler {
    private static final int SERVER_ERRORS = 500;

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        Problem problem = status < SERVER_ERRORS
                ? new Problem(status, Code.BAD_PARAMETER, "The call's address or headers cannot be read.", List.of())
                : new Problem(status, Code.INTERNAL, "Firn has a bug.", List.of());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
        Content.Sink.write(response, true, problem.json().toString(), callback);
        return true;
    }
}
