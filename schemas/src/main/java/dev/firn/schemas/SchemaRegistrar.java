package dev.firn.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/// Registers the events of a deployment at the schema registry: one subject per topic (`<topic>-value`), each
/// with compatibility `FULL_TRANSITIVE`, which overrides the registry's default. Idempotent. Services never
/// register schemas when they write, so this is the only way into the registry.
public final class SchemaRegistrar implements AutoCloseable {
    /// Any version of an event can be read as any other.
    private static final String COMPATIBILITY = "FULL_TRANSITIVE";

    private final RegistryClient registry;

    /// Uses the registry that `configs` name with Confluent's properties.
    public SchemaRegistrar(Map<String, ?> configs) {
        this.registry = new RegistryClient(RegistrySettings.of(configs));
    }

    /// Registers every event's schema and sets its subject's compatibility.
    ///
    /// @return subjects that this call changed
    /// @throws SchemaRefusedException if a registered version is not compatible with this one
    /// @throws SchemaRegistryUnavailableException if the registry does not answer
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

    /// Changes nothing.
    ///
    /// @return subjects without this version's schema, or with another compatibility
    public List<String> missing(TopicCatalogue catalogue) {
        return missing(catalogue.topics());
    }

    /// The same for some of the topics.
    public List<String> missing(List<TopicSpec> topics) {
        return topics.stream()
                .filter(spec -> spec.topic()
                        .event()
                        .filter(event -> !isRegistered(
                                spec.valueSubject(), PortableSchema.of(EventModel.INSTANCE.getSchema(event))))
                        .isPresent())
                .map(TopicSpec::valueSubject)
                .toList();
    }

    /// Whether a subject has a schema: one small request, to see whether the registry answers.
    public boolean hasSubject(String subject) {
        return registry.latest(subject).isPresent();
    }

    private boolean isRegistered(String subject, Schema schema) {
        return registry.lookup(subject, schema).isPresent() && isFullTransitive(subject);
    }

    /// Sets the compatibility before the schema if the registry allows that, so that no other writer can add a schema
    /// in between; otherwise right after.
    private boolean register(String subject, Schema schema) {
        if (isRegistered(subject, schema)) {
            return false;
        }
        boolean isSet = isFullTransitive(subject) || setCompatibility(subject);
        registry.register(subject, schema);
        if (!isSet && !setCompatibility(subject)) {
            throw new SchemaRefusedException("[subject " + subject + "] compatibility could not be set");
        }
        return true;
    }

    /// Apicurio refuses to set what another service sets at the same moment, as when all services start together.
    private boolean setCompatibility(String subject) {
        try {
            return registry.setCompatibility(subject, COMPATIBILITY);
        } catch (SchemaRefusedException e) {
            if (isFullTransitive(subject)) {
                return true;
            }
            throw e;
        }
    }

    private boolean isFullTransitive(String subject) {
        return registry.compatibility(subject).filter(COMPATIBILITY::equals).isPresent();
    }

    @Override
    public void close() {
        registry.close();
    }
}
