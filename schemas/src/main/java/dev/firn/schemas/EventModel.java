package dev.firn.schemas;

import java.util.ArrayList;
import java.util.Collection;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.util.ClassSecurityValidator;
import org.jspecify.annotations.Nullable;

/// How Avro makes and takes apart Firn's generated classes.
///
/// Two traps end here. Since 1.12.2 Avro refuses to make any class that is not listed in the system property
/// `org.apache.avro.SERIALIZABLE_PACKAGES`; users of Firn's serdes should not have to know, so ours are trusted beside
/// what Avro trusted before. And lists are plain ones: Avro's own compare by a model that does not know the records'
/// logical types, so that `equals` of two events with a timestamp below a list would throw.
final class EventModel extends SpecificData {
    static final EventModel INSTANCE = new EventModel();

    private static final String OURS = "dev.firn.";

    private EventModel() {
        super(EventModel.class.getClassLoader());
        addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(), type -> type.getName().startsWith(OURS)));
    }

    @Override
    public Object newArray(@Nullable Object old, int size, Schema schema) {
        return old instanceof Collection ? super.newArray(old, size, schema) : new ArrayList<>(size);
    }
}
