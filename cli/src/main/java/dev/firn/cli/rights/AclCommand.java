package dev.firn.cli.rights;

import java.util.Locale;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.resource.PatternType;

/// An ACL as a command of Kafka's own tools.
final class AclCommand {
    private AclCommand() {}

    static String of(AclBinding acl) {
        String resource =
                acl.pattern().resourceType().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return "kafka-acls.sh --bootstrap-server \"$KAFKA_BOOTSTRAP_SERVERS\" --add --allow-principal '%s' --operation %s --%s '%s'%s"
                .formatted(
                        acl.entry().principal().replace("'", "'\\''"),
                        operation(acl),
                        resource,
                        acl.pattern().name(),
                        acl.pattern().patternType() == PatternType.PREFIXED ? " --resource-pattern-type prefixed" : "");
    }

    /// `DescribeConfigs` for `DESCRIBE_CONFIGS`.
    private static String operation(AclBinding acl) {
        StringBuilder text = new StringBuilder();
        for (String word : acl.entry().operation().name().split("_", -1)) {
            text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return text.toString();
    }
}
