package dev.firn.schemas;

/// The generated classes of Firn's events, for programs that build events themselves.
public final class EventClasses {
    private EventClasses() {}

    /// Lets Avro make them in this JVM. Reading and writing through this module does so by itself; a builder of a
    /// generated class that fills in a default of record type before any of that would be refused by Avro.
    public static void trust() {
        EventModel.INSTANCE.getClassLoader();
    }
}
