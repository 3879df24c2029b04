package dev.firn.gateway.access;

/// What a caller may do with something. Each includes the ones before it.
public enum Right {
    READ,
    REGISTER,
    ADMINISTER;

    /// As the rules and messages name it.
    String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
