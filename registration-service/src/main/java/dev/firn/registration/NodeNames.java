package dev.firn.registration;

/// Names of the topology's stores and sinks. They are part of the changelog topics and of saved state: a name never changes.
final class NodeNames {
    static final String VIEWS_STORE = "views";
    static final String PENDING_STORE = "pending-registrations";
    static final String ANSWERED_STORE = "answered-registrations";
    static final String TABLES_STORE = "tables";
    static final String STANDING_STORE = "standing";

    static final String REGISTRATIONS_TO_VIEWS_SINK = "registrations-to-views";
    static final String UNREADABLE_REGISTRATIONS_SINK = "unreadable-registrations";
    static final String HINTS_TO_TABLES_SINK = "hints-to-tables";
    static final String REQUESTS_TO_STANDING_SINK = "requests-to-standing";
    static final String UNREADABLE_STANDING_SINK = "unreadable-standing-requests";
    static final String RESULTS_TO_STANDING_SINK = "results-to-standing";
    static final String FEATURE_VIEWS_SINK = "feature-views";
    static final String REGISTRATION_RESULTS_SINK = "registration-results";
    static final String VIEWS_TO_TABLES_SINK = "views-to-tables";
    static final String VIEWS_TO_STANDING_SINK = "views-to-standing";
    static final String TABLE_COMMITS_SINK = "table-commits";
    static final String TABLES_TO_VIEWS_SINK = "tables-to-views";
    static final String STANDING_RETRIEVALS_SINK = "standing-retrievals";
    static final String RETRIEVAL_RUNS_SINK = "retrieval-runs";
    static final String STANDING_RESULTS_SINK = "standing-results";
    static final String STANDING_TO_VIEWS_SINK = "standing-to-views";

    private NodeNames() {}
}
