package dev.firn.schemas;

import java.util.ArrayList;
import java.util.Collection;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.util.ClassSecurityValidator;
import org.jspecify.annotations.Nullable;

/// How Avro reads and writes Firn's generated classes.
///
/// It avoids two traps. Since 1.12.2 Avro refuses to instantiate classes that are not listed in the system property
/// `org.apache.avro.SERIALIZABLE_PACKAGES`; users of Firn's serdes should not have to set it, so Firn's classes are
/// trusted in addition. And lists are plain `ArrayList`s: Avro's own compare with a model that does not know the
/// records' logical types, so `equals` of two events with a timestamp inside a list would throw.
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
