package dev.firn.cli.feast;

/// The settings of a Feast repository that reads through Firn.
final class FeatureStoreYaml {
    private FeatureStoreYaml() {}

    /// @param project letters, digits and underscores
    /// @param url of the gateway, without quotes and blanks; empty: the plug-in looks for it
    static String text(String project, String url) {
        String gateway = url.isEmpty()
                ? "  # url: of the gateway. Without it: FIRN_URL, FIRN_GATEWAY_URL, or the stack of ./firn up on this machine"
                : "  url: \"" + url + "\"";
        return """
                project: "%s"
                registry: registry.db
                provider: firn.feast.FirnProvider
                offline_store:
                  type: firn.feast.FirnOfflineStore
                %s
                entity_key_serialization_version: 3
                """.formatted(project, gateway);
    }
}
