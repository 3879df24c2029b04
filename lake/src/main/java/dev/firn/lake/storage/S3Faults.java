package dev.firn.lake.storage;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import dev.firn.lake.Secrets;
import dev.firn.lake.parquet.ReadOutages;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/// Distinguishes the final answers of a store from outages.
///
/// | answer | means |
/// |---|---|
/// | 404 | the file does not exist |
/// | 404 NoSuchBucket | to a reader a refusal; an outage for Firn's own files, whose bucket may be created last |
/// | 403 AccessDenied | to a reader: this file may not be read; to a writer an outage |
/// | other 403, 401, expired tokens | the deployment's credentials, which are renewed: an outage |
/// | 301, or another answer that names the right region | a refusal that names the region and the setting |
/// | 403 InvalidObjectState, 405, 501 and other 4xx | a refusal: another try gets the same answer |
/// | 408, 409, 429, 5xx, no answer | an outage |
///
/// An answer to HEAD has no body and so no code: [S3Head] asks again.
public final class S3Faults {
    private static final Set<Integer> MAY_PASS = Set.of(401, 403, 404, 408, 409, 412, 416, 425, 429);

    /// Answers of status 400 that do not come again, or that new credentials end.
    private static final Set<String> CODES_THAT_MAY_PASS = Set.of(
            "RequestTimeout",
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidToken",
            "TokenRefreshRequired",
            "RequestExpired",
            "BadDigest",
            "IncompleteBody",
            "XAmzContentSHA256Mismatch",
            "Throttling",
            "ThrottlingException",
            "RequestThrottled",
            "SlowDown",
            "OperationAborted");

    private static final Pattern EXPECTED_REGION = Pattern.compile("expecting '([a-z0-9-]+)'");

    private final Secrets secrets;

    public S3Faults(Secrets secrets) {
        this.secrets = secrets;
    }

    LakeException reading(Location location, RuntimeException fault) {
        if (fault instanceof LakeException ours) {
            return ours;
        }
        if (isNotFound(fault)) {
            return new LakeRejection(LakeCode.FILE_NOT_FOUND, "[" + location + "] does not exist", null, masked(fault));
        }
        return refusal(location.toString(), fault)
                .<LakeException>map(refusal -> refusal)
                .orElseGet(() -> outage(location.toString(), "reading", fault));
    }

    /// Like [#reading], for Firn's own files, whose bucket a deployment may create after it has started Firn.
    LakeException readingOwn(Location location, RuntimeException fault) {
        boolean noBucket = answer(fault)
                .filter(answer -> code(answer).equals("NoSuchBucket"))
                .isPresent();
        return noBucket ? outage(location.toString(), "reading", fault) : reading(location, fault);
    }

    LakeException writing(Location location, RuntimeException fault) {
        if (fault instanceof LakeException ours) {
            return ours;
        }
        Optional<String> refusal = answer(fault).flatMap(S3Faults::whyRefused);
        return refusal.isPresent()
                ? rejection(LakeCode.STORE_REFUSED, location.toString(), refusal.get(), fault)
                : outage(location.toString(), "writing", fault);
    }

    /// For a fault met while reading a range of a file. A missing or changed file is left to the caller, who knows what
    /// the file is for; a fault that is not of the store is returned as it is.
    RuntimeException readingFile(String location, Throwable fault) {
        if (LakeFaults.isNotFound(fault)) {
            String hint = location.startsWith("s3") && Location.isCutByIceberg(location)
                    ? " under exactly this name; Iceberg's own file IO cuts names at '#' and '?' when it writes"
                    : "";
            return fault instanceof NotFoundException missing
                    ? missing
                    : new NotFoundException(masked(fault), "[%s] does not exist%s", location, hint);
        }
        if (fault instanceof RuntimeException own && !ReadOutages.isOfTheStore(own)) {
            return own;
        }
        return refusal(location, fault)
                .<LakeException>map(refusal -> refusal)
                .orElseGet(() -> outage(location, "reading", fault));
    }

    /// The store's final answer to a request to read, if the fault or one of its causes is one.
    ///
    /// @param where the file, or what it belongs to
    public Optional<LakeRejection> refusal(String where, Throwable fault) {
        AwsServiceException answer = answer(fault).orElse(null);
        if (answer == null) {
            return Optional.empty();
        }
        if (code(answer).equals("NoSuchBucket")) {
            String bucket =
                    where.startsWith("s3://") ? " '" + Location.parse(where).bucket() + "'" : " of that name";
            return Optional.of(rejection(LakeCode.STORE_REFUSED, where, "there is no bucket" + bucket, fault));
        }
        if (isDenied(answer)) {
            return Optional.of(rejection(LakeCode.FILE_DENIED, where, "the store denied access", fault));
        }
        return whyRefused(answer).map(why -> rejection(LakeCode.STORE_REFUSED, where, why, fault));
    }

    /// Whether another try may succeed.
    static boolean mayPass(Throwable fault) {
        return !(fault instanceof LakeException)
                && ReadOutages.isOfTheStore(fault)
                && !LakeFaults.isNotFound(fault)
                && answer(fault)
                        .filter(answer -> whyRefused(answer).isPresent()
                                || code(answer).equals("NoSuchBucket")
                                || isForbidden(answer))
                        .isEmpty();
    }

    /// Why the store will never fulfil the request; empty if it may, or if the answer means something else.
    private static Optional<String> whyRefused(AwsServiceException answer) {
        Optional<String> region = region(answer);
        if (region.isPresent()) {
            return region;
        }
        if (code(answer).equals("InvalidObjectState")) {
            return Optional.of("it is in an archive; restore it first");
        }
        boolean isFinal = answer.statusCode() == 501
                || (answer.statusCode() >= 300
                        && answer.statusCode() < 500
                        && !MAY_PASS.contains(answer.statusCode())
                        && !CODES_THAT_MAY_PASS.contains(code(answer))
                        // nobody knows what a 400 without a code means: it may be an expired token
                        && !(answer.statusCode() == 400 && code(answer).isEmpty()));
        return isFinal ? Optional.of("the store refuses the request for good: " + Reason.of(answer)) : Optional.empty();
    }

    private static Optional<String> region(AwsServiceException answer) {
        String expected = expectedRegion(answer);
        boolean moved = answer.statusCode() == 301
                || Set.of("PermanentRedirect", "IllegalLocationConstraintException")
                        .contains(code(answer));
        if (expected == null && !moved) {
            return Optional.empty();
        }
        String region = expected == null ? "another region" : "region " + expected;
        return Optional.of(
                "the bucket is in %s, but the request went to another region; set firn.s3.region, or client.region of the catalog"
                        .formatted(region));
    }

    /// S3 names the right region in a header or in the message, if the request was signed for another one.
    private static @Nullable String expectedRegion(AwsServiceException answer) {
        if (answer.statusCode() != 301 && answer.statusCode() != 400) {
            return null;
        }
        var details = answer.awsErrorDetails();
        if (details == null) {
            return null;
        }
        String message = details.errorMessage() == null ? "" : details.errorMessage();
        Matcher expected = EXPECTED_REGION.matcher(message);
        if (expected.find()) {
            return expected.group(1);
        }
        return details.sdkHttpResponse() == null
                ? null
                : details.sdkHttpResponse()
                        .firstMatchingHeader("x-amz-bucket-region")
                        .orElse(null);
    }

    private static boolean isDenied(AwsServiceException answer) {
        return isForbidden(answer)
                && Set.of("AccessDenied", "AllAccessDisabled").contains(code(answer));
    }

    private static boolean isForbidden(AwsServiceException answer) {
        return answer.statusCode() == 403;
    }

    static boolean isNotFound(RuntimeException fault) {
        if (fault instanceof NotFoundException) {
            return true;
        }
        return fault instanceof AwsServiceException answer
                && answer.statusCode() == 404
                && !code(answer).equals("NoSuchBucket");
    }

    private static Optional<AwsServiceException> answer(Throwable fault) {
        return LakeFaults.cause(fault, AwsServiceException.class);
    }

    /// Whether the store does not know what was asked, such as a condition.
    static boolean isNotImplemented(AwsServiceException answer) {
        return answer.statusCode() == 501 || code(answer).equals("NotImplemented");
    }

    static String code(AwsServiceException answer) {
        return answer.awsErrorDetails() == null || answer.awsErrorDetails().errorCode() == null
                ? ""
                : answer.awsErrorDetails().errorCode();
    }

    private LakeRejection rejection(LakeCode code, String where, String why, Throwable fault) {
        return new LakeRejection(code, secrets.masked("[" + where + "] " + why), null, masked(fault));
    }

    private LakeOutage outage(String location, String doing, Throwable fault) {
        return new LakeOutage(
                LakeCode.STORAGE_UNAVAILABLE,
                secrets.masked("[" + location + "] " + doing + " failed: " + Reason.of(fault)),
                masked(fault));
    }

    private Throwable masked(Throwable fault) {
        return secrets.masked(fault);
    }
}
