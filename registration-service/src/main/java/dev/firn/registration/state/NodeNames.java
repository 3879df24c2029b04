package dev.firn.registration.state;

/// Names of the topology's stores and sinks. They name changelog topics and saved state, so a name never changes.
public final class NodeNames {
    public static final String VIEWS_STORE = "views";
    public static final String SUBSCRIBERS_STORE = "view-subscribers";
    public static final String PENDING_STORE = "pending-registrations";
    public static final String ANSWERED_STORE = "answered-registrations";
    public static final String TABLES_STORE = "tables";
    public static final String WATCHERS_STORE = "table-watchers";
    public static final String STANDING_STORE = "standing";

    public static final String VIEW_COMMANDS_POSITION = "position-view-commands";
    public static final String TABLE_COMMANDS_POSITION = "position-table-commands";
    public static final String STANDING_COMMANDS_POSITION = "position-standing-commands";

    public static final String REGISTRATIONS_TO_VIEWS_SINK = "registrations-to-views";
    public static final String UNREADABLE_REGISTRATIONS_SINK = "unreadable-registrations";
    public static final String HINTS_TO_TABLES_SINK = "hints-to-tables";
    public static final String REQUESTS_TO_STANDING_SINK = "requests-to-standing";
    public static final String UNREADABLE_STANDING_SINK = "unreadable-standing-requests";
    public static final String RESULTS_TO_STANDING_SINK = "results-to-standing";
    public static final String FEATURE_VIEWS_SINK = "feature-views";
    public static final String REGISTRATION_RESULTS_SINK = "registration-results";
    public static final String VIEWS_TO_TABLES_SINK = "views-to-tables";
    public static final String VIEWS_TO_STANDING_SINK = "views-to-standing";
    public static final String TABLE_COMMITS_SINK = "table-commits";
    public static final String TABLES_TO_VIEWS_SINK = "tables-to-views";
    public static final String TABLES_TO_STANDING_SINK = "tables-to-standing";
    public static final String STANDING_RETRIEVALS_SINK = "standing-retrievals";
    public static final String RETRIEVAL_RUNS_SINK = "retrieval-runs";
    public static final String STANDING_RESULTS_SINK = "standing-results";
    public static final String STANDING_TO_VIEWS_SINK = "standing-to-views";
    public static final String STANDING_TO_TABLES_SINK = "standing-to-tables";

    private NodeNames() {}
}
