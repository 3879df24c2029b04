package dev.firn.lake.storage;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/// Asks S3 for what it knows about an object. An answer to HEAD has no body, so if it is an error nothing tells a
/// denied file from refused credentials, or a missing file from a missing bucket. A GET of one byte has a body.
final class S3Head {
    private S3Head() {}

    static HeadObjectResponse of(S3Client client, HeadObjectRequest request) {
        try {
            return client.headObject(request);
        } catch (AwsServiceException answer) {
            ask(client, request, answer);
            throw answer;
        }
    }

    /// Null if there is no such object, or no such bucket.
    static @Nullable HeadObjectResponse ifPresent(S3Client client, HeadObjectRequest request) {
        try {
            return client.headObject(request);
        } catch (AwsServiceException answer) {
            if (S3Faults.isNotFound(answer)) {
                return null;
            }
            ask(client, request, answer);
            throw answer;
        }
    }

    /// Throws the answer that has a code.
    private static void ask(S3Client client, HeadObjectRequest request, AwsServiceException answer) {
        if (answer.statusCode() >= 300 && answer.statusCode() < 500) {
            client.getObject(GetObjectRequest.builder()
                            .bucket(request.bucket())
                            .key(request.key())
                            .sseCustomerAlgorithm(request.sseCustomerAlgorithm())
                            .sseCustomerKey(request.sseCustomerKey())
                            .sseCustomerKeyMD5(request.sseCustomerKeyMD5())
                            .range("bytes=0-0")
                            .build())
                    .abort();
        }
    }
}
