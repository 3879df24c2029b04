package dev.firn.lake.storage;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Secrets;
import dev.firn.lake.parquet.ReadOutages;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.exceptions.NotFoundException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/// Distinguishes definite answers of a store from outages. Refused credentials are a fault of the deployment, so they
/// are outages; a single file that may not be read is a fault of the request. An answer that no other try changes, such
/// as that of another region, is a refusal.
final class S3Faults {
    private static final int MOVED_PERMANENTLY = 301;
    private static final int FORBIDDEN = 403;

    /// Answers to requests that this store never fulfils.
    private static final Set<String> REFUSALS = Set.of(
            "PermanentRedirect",
            "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException",
            "InvalidBucketName",
            "InvalidObjectState",
            "MethodNotAllowed");

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
        return definite(location.toString(), fault).orElseGet(() -> outage(location.toString(), "reading", fault));
    }

    LakeException writing(Location location, RuntimeException fault) {
        if (fault instanceof LakeException ours) {
            return ours;
        }
        return isRefusal(fault) ? refused(location.toString(), fault) : outage(location.toString(), "writing", fault);
    }

    /// For a fault met while reading a range of a file. A missing or changed file is left to the caller, who knows what
    /// the file is for; a fault that is not of the store is returned as it is.
    RuntimeException readingFile(String location, Throwable fault) {
        if (LakeFaults.isNotFound(fault)) {
            return fault instanceof NotFoundException missing
                    ? missing
                    : new NotFoundException(masked(fault), "[%s] does not exist", location);
        }
        if (fault instanceof RuntimeException own && !ReadOutages.isOfTheStore(own)) {
            return own;
        }
        return definite(location, fault).orElseGet(() -> outage(location, "reading", fault));
    }

    private Optional<LakeException> definite(String location, Throwable fault) {
        if (isRefusal(fault)) {
            return Optional.of(refused(location, fault));
        }
        if (isDenied(fault)) {
            return Optional.of(new LakeRejection(
                    LakeCode.FILE_DENIED, "[" + location + "] the store denied access", null, masked(fault)));
        }
        return Optional.empty();
    }

    /// Whether another try may succeed.
    static boolean mayPass(Throwable fault) {
        return !(fault instanceof LakeException)
                && ReadOutages.isOfTheStore(fault)
                && !LakeFaults.isNotFound(fault)
                && !isRefusal(fault)
                && !isForbidden(fault);
    }

    private static boolean isRefusal(Throwable fault) {
        return fault instanceof AwsServiceException answer
                && (answer.statusCode() == MOVED_PERMANENTLY || REFUSALS.contains(code(answer)));
    }

    private static boolean isDenied(Throwable fault) {
        return fault instanceof AwsServiceException answer && isForbidden(fault) && "AccessDenied".equals(code(answer));
    }

    private static boolean isForbidden(Throwable fault) {
        return fault instanceof AwsServiceException answer && answer.statusCode() == FORBIDDEN;
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

    private LakeRejection refused(String location, Throwable fault) {
        return new LakeRejection(
                LakeCode.STORE_REFUSED,
                secrets.masked("[" + location + "] the store refuses the request: " + fault.getMessage()),
                null,
                masked(fault));
    }

    private LakeOutage outage(String location, String doing, Throwable fault) {
        return new LakeOutage(
                LakeCode.STORAGE_UNAVAILABLE,
                secrets.masked("[" + location + "] " + doing + " failed: " + fault.getMessage()),
                masked(fault));
    }

    private Throwable masked(Throwable fault) {
        return secrets.masked(fault);
    }
}
