package dev.firn.schemas;

/// The generated classes of Firn's events, for programs that build events themselves.
public final class EventClasses {
    private EventClasses() {}

    /// Lets Avro instantiate them in this JVM. Reading and writing through this module does that
    /// automatically. Call this before you use a builder that fills in a default of a record type; otherwise
    /// Avro refuses the class.
    public static void trust() {
        EventModel.INSTANCE.getClassLoader();
    }
}
