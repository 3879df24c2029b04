package dev.firn.chaos.run;

import dev.firn.embedded.StackAddresses;
import java.util.Map;

/// An S3 server for spines and results.
record ResultStoreAddress(String endpoint, String accessKey, String secretKey) {
    /// The stack's own.
    static ResultStoreAddress of(StackAddresses addresses) {
        return new ResultStoreAddress(addresses.s3Endpoint(), addresses.accessKey(), addresses.secretKey());
    }

    Map<String, String> properties() {
        return Map.of(
                "s3.endpoint",
                endpoint,
                "s3.path-style-access",
                "true",
                "s3.access-key-id",
                accessKey,
                "s3.secret-access-key",
                secretKey,
                "client.region",
                "us-east-1",
                "http-client.type",
                "urlconnection");
    }

    @Override
    public String toString() {
        return endpoint;
    }
}
