package dev.firn.schemas;

import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/// How events are written, from the properties of Confluent's serializers, with the same names and defaults.
record CodecSettings(RegistrySettings registry, boolean autoRegister, boolean useLatest) {
    static final String AUTO_REGISTER = "auto.register.schemas";
    static final String USE_LATEST = "use.latest.version";
    static final String SPECIFIC_READER = "specific.avro.reader";

    static CodecSettings of(Map<String, ?> configs) {
        requireTopicNames(configs, "key.subject.name.strategy");
        requireTopicNames(configs, "value.subject.name.strategy");
        if (!flag(configs, SPECIFIC_READER, true)) {
            throw new ConfigException(SPECIFIC_READER, false, "Firn's deserializer makes generated classes only");
        }
        return new CodecSettings(
                RegistrySettings.of(configs), flag(configs, AUTO_REGISTER, true), flag(configs, USE_LATEST, false));
    }

    CodecSettings withoutRegistering() {
        return new CodecSettings(registry, false, useLatest);
    }

    private static void requireTopicNames(Map<String, ?> configs, String name) {
        Object value = configs.get(name);
        String type = value instanceof Class<?> given ? given.getName() : value == null ? "" : value.toString();
        if (!type.isEmpty() && !type.endsWith("TopicNameStrategy")) {
            throw new ConfigException(name, type, "expected TopicNameStrategy");
        }
    }

    private static boolean flag(Map<String, ?> configs, String name, boolean defaultValue) {
        String value = RegistrySettings.text(configs, name);
        if (value == null) {
            return defaultValue;
        }
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new ConfigException(name, value, "expected true or false");
        };
    }
}
