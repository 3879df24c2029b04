package dev.firn.lake.storage;

import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;

/// Deletes an object if its ETag matches. S3 checks that since September 2025. MinIO and others delete whatever is
/// there, and some answer 501: ask for the ETag before.
final class S3ConditionalDelete {
    private S3ConditionalDelete() {}

    static void delete(S3Client client, Location location, String etag) {
        try {
            client.deleteObject(request ->
                    request.bucket(location.bucket()).key(location.key()).ifMatch("\"" + etag + "\""));
        } catch (AwsServiceException answer) {
            if (S3Faults.isNotImplemented(answer)) {
                client.deleteObject(request -> request.bucket(location.bucket()).key(location.key()));
            } else if (!S3Faults.isNotFound(answer) && !isReplaced(answer)) {
                throw answer;
            }
        }
    }

    /// 412: another object is there. 409: one is being written.
    private static boolean isReplaced(AwsServiceException answer) {
        return answer.statusCode() == 412 || answer.statusCode() == 409;
    }
}
