package dev.firn.gateway.access;

/// What rights are about.
public enum Kind {
    VIEW("views", "view"),
    STANDING("standing", "standing retrieval"),
    CATALOG("catalogs", "catalog"),
    /// Where spines are.
    LOCATION("locations", "location");

    private final String field;
    private final String noun;

    Kind(String field, String noun) {
        this.field = field;
        this.noun = noun;
    }

    /// Its name in the rules file.
    String field() {
        return field;
    }

    String noun() {
        return noun;
    }
}
