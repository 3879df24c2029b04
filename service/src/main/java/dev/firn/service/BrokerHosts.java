package dev.firn.service;

import dev.firn.config.FirnConfig;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.apache.kafka.common.utils.Utils;

/// The hosts of the configured brokers.
public final class BrokerHosts {
    private BrokerHosts() {}

    /// Whether this machine can resolve none of them. Asks the name service.
    public static boolean noneResolves(FirnConfig config) {
        return Arrays.stream(config.kafka().bootstrapServers().split(",", -1))
                .filter(address -> !address.isBlank())
                .map(address -> Utils.getHost(address.strip()))
                .allMatch(host -> host != null && new InetSocketAddress(host, 0).isUnresolved());
    }
}
