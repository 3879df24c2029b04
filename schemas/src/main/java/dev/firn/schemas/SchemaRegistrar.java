package dev.firn.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/// Registers the events of a deployment at the schema registry, one subject per topic (`<topic>-value`), each with
/// compatibility `FULL_TRANSITIVE` of its own, whatever the registry's default. Idempotent. Services never register by
/// themselves when they write, so that a schema reaches the registry only through here.
public final class SchemaRegistrar implements AutoCloseable {
    /// Any version of an event can be read as any other.
    public static final String COMPATIBILITY = "FULL_TRANSITIVE";

    private final RegistryClient registry;

    /// Over the registry that `configs` name by Confluent's properties.
    public SchemaRegistrar(Map<String, ?> configs) {
        this.registry = new RegistryClient(RegistrySettings.of(configs));
    }

    /// Registers every event's schema and sets its subject's compatibility.
    ///
    /// @return subjects that this call changed
    /// @throws SchemaRefusedException when the registry holds a version that this one is not compatible with
    /// @throws SchemaRegistryUnavailableException when it cannot be asked
    public List<String> register(TopicCatalogue catalogue) {
        var changed = new ArrayList<String>();
        for (TopicSpec spec : catalogue.topics()) {
            spec.topic().event().ifPresent(event -> {
                if (register(spec.valueSubject(), PortableSchema.of(EventModel.INSTANCE.getSchema(event)))) {
                    changed.add(spec.valueSubject());
                }
            });
        }
        return changed;
    }

    /// Only looks.
    ///
    /// @return subjects that do not hold this version's schema, or have another compatibility
    public List<String> missing(TopicCatalogue catalogue) {
        return catalogue.topics().stream()
                .filter(spec -> spec.topic()
                        .event()
                        .filter(event -> !isRegistered(
                                spec.valueSubject(), PortableSchema.of(EventModel.INSTANCE.getSchema(event))))
                        .isPresent())
                .map(TopicSpec::valueSubject)
                .toList();
    }

    private boolean isRegistered(String subject, Schema schema) {
        return registry.lookup(subject, schema).isPresent() && isFullTransitive(subject);
    }

    /// The compatibility is set before the schema where the registry allows that, so that there is no moment at which
    /// another writer could add anything; else right after.
    private boolean register(String subject, Schema schema) {
        if (isRegistered(subject, schema)) {
            return false;
        }
        boolean isSet = isFullTransitive(subject) || registry.setCompatibility(subject, COMPATIBILITY);
        registry.register(subject, schema);
        if (!isSet && !registry.setCompatibility(subject, COMPATIBILITY)) {
            throw new SchemaRefusedException("[subject " + subject + "] compatibility could not be set");
        }
        return true;
    }

    private boolean isFullTransitive(String subject) {
        return registry.compatibility(subject).filter(COMPATIBILITY::equals).isPresent();
    }

    @Override
    public void close() {
        registry.close();
    }
}
