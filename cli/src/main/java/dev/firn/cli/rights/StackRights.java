package dev.firn.cli.rights;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.embedded.StackAddresses;
import dev.firn.embedded.StackUser;
import dev.firn.schemas.AccessRule.Role;
import dev.firn.schemas.Grants;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistrar;
import dev.firn.schemas.TopicCatalogue;
import dev.firn.schemas.TopicCreator;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/// Prepares a secured stack as an operator would prepare a cluster: the administrator grants the ACLs,
/// the deployer makes topics and schemas.
public record StackRights(StackAddresses stack) {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /// Each role has its own user. The user of the command line sends requests and reads answers.
    static Map<Role, List<String>> principals() {
        Map<Role, List<String>> principals = new EnumMap<>(Grants.namesakes());
        for (Role role : List.of(Role.PRODUCER, Role.CONSUMER)) {
            principals.put(role, List.of("User:" + role.text(), StackUser.CLIENT.principal()));
        }
        return principals;
    }

    /// Grants the roles of the namespace, then makes its topics and subjects.
    public void prepare(FirnConfig config) {
        Namespace namespace = new Namespace(config.namespace());
        TopicCatalogue topics = TopicCatalogue.of(
                namespace, config.kafka().retrievalPartitions(), config.kafka().partitions());
        try (Admin admin = admin(StackUser.ADMIN);
                Admin deployer = admin(StackUser.DEPLOYER);
                SchemaRegistrar schemas = new SchemaRegistrar(Settings.schemaRegistryProperties(config))) {
            Grants.createAndAwait(admin, namespace, principals(), LIMIT);
            new TopicCreator(deployer, config.kafka().replicationFactor(), LIMIT).create(topics);
            schemas.register(topics);
        }
    }

    private Admin admin(StackUser user) {
        return Admin.create(stack.kafkaProperties(user));
    }
}
