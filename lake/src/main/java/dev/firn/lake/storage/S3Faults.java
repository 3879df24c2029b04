package dev.firn.lake.storage;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Secrets;
import org.apache.iceberg.exceptions.NotFoundException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/// Distinguishes definite answers of a store from outages. Refused credentials are a fault of the deployment, so they
/// are outages; a single file that may not be read is a fault of the request.
final class S3Faults {
    private final Secrets secrets;

    S3Faults(Secrets secrets) {
        this.secrets = secrets;
    }

    LakeException reading(Location location, RuntimeException fault) {
        if (fault instanceof LakeException ours) {
            return ours;
        }
        if (isNotFound(fault)) {
            return new LakeRejection(LakeCode.FILE_NOT_FOUND, "[" + location + "] does not exist", null, masked(fault));
        }
        if (fault instanceof AwsServiceException answer
                && answer.statusCode() == 403
                && "AccessDenied".equals(code(answer))) {
            return new LakeRejection(
                    LakeCode.FILE_DENIED, "[" + location + "] the store denied access", null, masked(fault));
        }
        return outage(location, "reading", fault);
    }

    LakeException writing(Location location, RuntimeException fault) {
        if (fault instanceof LakeException ours) {
            return ours;
        }
        return outage(location, "writing", fault);
    }

    static boolean isNotFound(RuntimeException fault) {
        if (fault instanceof NotFoundException) {
            return true;
        }
        // a missing bucket means an unfinished deployment
        return fault instanceof AwsServiceException answer
                && answer.statusCode() == 404
                && !"NoSuchBucket".equals(code(answer));
    }

    static String code(AwsServiceException answer) {
        return answer.awsErrorDetails() == null || answer.awsErrorDetails().errorCode() == null
                ? ""
                : answer.awsErrorDetails().errorCode();
    }

    private LakeOutage outage(Location location, String doing, RuntimeException fault) {
        return new LakeOutage(
                LakeCode.STORAGE_UNAVAILABLE,
                secrets.masked("[" + location + "] " + doing + " failed: " + fault.getMessage()),
                masked(fault));
    }

    private Throwable masked(RuntimeException fault) {
        return secrets.masked((Throwable) fault);
    }
}
