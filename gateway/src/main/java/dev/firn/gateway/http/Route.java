package dev.firn.gateway.http;

/// The calls that the gateway offers: the one list from which handlers, meters and the description of the API are made.
public enum Route {
    REGISTER("POST", "/feast/features", "Registers or changes a feature view."),
    LIST_VIEWS("GET", "/feast/features", "Lists the feature views."),
    GET_VIEW("GET", "/feast/features/{name}", "Shows a feature view as it is in the registry."),
    DROP_VIEW("DELETE", "/feast/features/{name}", "Drops a feature view."),

    RETRIEVE(
            "POST",
            "/retrievals",
            "Retrieves features: a RetrievalRequest as JSON, or rows as the body with the rest in" + " the query."),
    GET_RETRIEVAL("GET", "/retrievals/{id}", "Shows the result of a retrieval, or how far it has come."),
    CANCEL_RETRIEVAL("DELETE", "/retrievals/{id}", "Cancels a retrieval and returns the outcome that stands."),
    RETRIEVAL_EVENTS("GET", "/retrievals/{id}/events", "Follows a retrieval until its result, as server-sent events."),
    GET_FILE("GET", "/retrievals/{id}/files/{n}", "Streams a Parquet file of the result, n from 0; takes a range."),
    GET_CHANGES(
            "GET",
            "/retrievals/{id}/changes/{n}",
            "Streams a Parquet file of what a run of a standing retrieval changed, n from 0; takes a range."),
    GET_ROWS("GET", "/retrievals/{id}/rows", "Shows the first rows of the result as JSON."),

    LIST_STANDING("GET", "/standing", "Lists the standing retrievals."),
    GET_STANDING("GET", "/standing/{id}", "Shows a standing retrieval."),
    CREATE_STANDING("PUT", "/standing/{id}", "Creates or changes a standing retrieval; the body is what to run."),
    CANCEL_STANDING("DELETE", "/standing/{id}", "Cancels a standing retrieval. Its results stay."),
    RUN_STANDING("POST", "/standing/{id}/run", "Runs a standing retrieval now, or right after its current run."),
    SUSPEND_STANDING("POST", "/standing/{id}/suspend", "Suspends a standing retrieval until it is resumed."),
    RESUME_STANDING(
            "POST",
            "/standing/{id}/resume",
            "Resumes a standing retrieval. It runs if something has changed or its last run failed."),
    STANDING_EVENTS("GET", "/standing/{id}/events", "Follows the runs of a standing retrieval, as server-sent events."),

    LIST_COMMITS("GET", "/commits", "Lists the latest commits to tables, newest first."),
    COMMIT_EVENTS("GET", "/commits/events", "Follows the commits to tables, as server-sent events."),
    LIST_DEAD_LETTERS("GET", "/dead-letters", "Lists the latest records that could not be read, without their values."),
    HINT("POST", "/table-hints", "Says that a table may have changed, so that Firn looks at it now."),

    OPEN_API("GET", "/openapi.json", "This description.");

    private final String method;
    private final String path;
    private final String summary;

    Route(String method, String path, String summary) {
        this.method = method;
        this.path = path;
        this.summary = summary;
    }

    /// `GET`, `POST`, `PUT` or `DELETE`.
    public String method() {
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
