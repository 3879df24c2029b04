package dev.firn.gateway.http;

import io.javalin.http.HandlerType;

/// The calls that the gateway offers: the one list from which handlers, meters and the description of the API are made.
public enum Route {
    REGISTER(HandlerType.POST, "/feast/features", "Registers a feature view, or changes it."),
    LIST_VIEWS(HandlerType.GET, "/feast/features", "Lists the feature views."),
    GET_VIEW(HandlerType.GET, "/feast/features/{name}", "Shows a feature view as the registry has it."),
    DROP_VIEW(HandlerType.DELETE, "/feast/features/{name}", "Drops a feature view."),

    RETRIEVE(
            HandlerType.POST,
            "/retrievals",
            "Asks for features: a RetrievalRequest as JSON, or rows as the body with the rest in the query."),
    GET_RETRIEVAL(HandlerType.GET, "/retrievals/{id}", "Shows the result of a retrieval, or how far it has come."),
    RETRIEVAL_EVENTS(
            HandlerType.GET, "/retrievals/{id}/events", "Follows a retrieval until its result, as server-sent events."),
    GET_FILE(
            HandlerType.GET,
            "/retrievals/{id}/files/{n}",
            "Streams a Parquet file of the result, n from 0; takes a range."),
    GET_ROWS(HandlerType.GET, "/retrievals/{id}/rows", "Shows the first rows of the result as JSON."),

    LIST_STANDING(HandlerType.GET, "/standing", "Lists the standing retrievals."),
    GET_STANDING(HandlerType.GET, "/standing/{id}", "Shows a standing retrieval."),
    CREATE_STANDING(
            HandlerType.PUT, "/standing/{id}", "Creates a standing retrieval, or changes it; the body is what to run."),
    CANCEL_STANDING(HandlerType.DELETE, "/standing/{id}", "Cancels a standing retrieval. Its results stay."),
    STANDING_EVENTS(
            HandlerType.GET,
            "/standing/{id}/events",
            "Follows the runs of a standing retrieval, as server-sent events."),

    LIST_COMMITS(HandlerType.GET, "/commits", "Lists the latest commits of tables, the newest first."),
    COMMIT_EVENTS(HandlerType.GET, "/commits/events", "Follows the commits of tables, as server-sent events."),
    LIST_DEAD_LETTERS(
            HandlerType.GET, "/dead-letters", "Lists the latest records that could not be read, without their values."),
    HINT(HandlerType.POST, "/table-hints", "Says that a table may have changed, so that Firn looks at it now."),

    OPEN_API(HandlerType.GET, "/openapi.json", "This description.");

    private final HandlerType method;
    private final String path;
    private final String summary;

    Route(HandlerType method, String path, String summary) {
        this.method = method;
        this.path = path;
        this.summary = summary;
    }

    public HandlerType method() {
        return method;
    }

    /// With parameters in braces.
    public String path() {
        return path;
    }

    /// What the call does, for people.
    public String summary() {
        return summary;
    }
}
