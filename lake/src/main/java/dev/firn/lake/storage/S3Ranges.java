package dev.firn.lake.storage;

import java.io.IOException;
import java.util.function.Supplier;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/// One object of S3, read in ranges. The first answer gives its ETag; each later request demands that version
/// (If-Match), and for stores that ignore the condition the ETag of the answer is compared too. Thread-safe.
final class S3Ranges {
    private static final int PRECONDITION_FAILED = 412;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final Supplier<S3Client> client;
    private final S3FileIOProperties properties;
    private final String location;
    private final String bucket;
    private final String key;
    /// Empty until the first answer gives it.
    private volatile String etag = "";
    private volatile long length = -1;

    /// @param location `s3://bucket/key`, or the same with `s3a` or `s3n`
    S3Ranges(Supplier<S3Client> client, S3FileIOProperties properties, String location) {
        this.client = client;
        this.properties = properties;
        this.location = location;
        String path = location.substring(location.indexOf("://") + 3);
        int slash = path.indexOf('/');
        if (slash < 1 || slash == path.length() - 1) {
            throw new IllegalArgumentException("'%s' must be s3://bucket/key".formatted(location));
        }
        String named = path.substring(0, slash);
        this.bucket = properties.bucketToAccessPointMapping().getOrDefault(named, named);
        // a key may hold '#' and '?', which Iceberg's own file IO cuts off with what follows
        this.key = path.substring(slash + 1);
    }

    /// The length of the object, if an answer told it; -1 if not.
    long knownLength() {
        return length;
    }

    /// Empty until the first answer gives it.
    String etag() {
        return etag;
    }

    /// Reads this version only; false if another one was read already.
    ///
    /// @param version empty: any
    synchronized boolean pin(String version) {
        if (etag.isEmpty()) {
            etag = version;
        }
        return version.isEmpty() || etag.equals(version);
    }

    long length() {
        HeadObjectRequest.Builder request =
                HeadObjectRequest.builder().bucket(bucket).key(key);
        if (S3FileIOProperties.SSE_TYPE_CUSTOM.equals(properties.sseType())) {
            request.sseCustomerAlgorithm(ServerSideEncryption.AES256.name())
                    .sseCustomerKey(properties.sseKey())
                    .sseCustomerKeyMD5(properties.sseMd5());
        }
        HeadObjectResponse answer = S3Head.of(client.get(), request.build());
        checkVersion(answer.eTag());
        length = answer.contentLength();
        return length;
    }

    int read(long position, byte[] target, int from, int count) throws IOException {
        GetObjectRequest.Builder request = GetObjectRequest.builder()
                .bucket(bucket)
                .key(key)
                .range("bytes=%d-%d".formatted(position, position + count - 1));
        String known = etag;
        if (!known.isEmpty()) {
            request.ifMatch(known);
        }
        if (S3FileIOProperties.SSE_TYPE_CUSTOM.equals(properties.sseType())) {
            request.sseCustomerAlgorithm(ServerSideEncryption.AES256.name())
                    .sseCustomerKey(properties.sseKey())
                    .sseCustomerKeyMD5(properties.sseMd5());
        }
        try (ResponseInputStream<GetObjectResponse> body = client.get().getObject(request.build())) {
            try {
                checkVersion(body.response().eTag());
                return filled(body, position, target, from, count);
            } catch (IOException | RuntimeException e) {
                body.abort();
                throw e;
            }
        } catch (AwsServiceException answer) {
            return switch (answer.statusCode()) {
                case RANGE_NOT_SATISFIABLE -> 0;
                case PRECONDITION_FAILED -> throw changed(known, "another one");
                default -> throw answer;
            };
        }
    }

    private int filled(ResponseInputStream<GetObjectResponse> body, long position, byte[] target, int from, int count)
            throws IOException {
        GetObjectResponse answer = body.response();
        String range = answer.contentRange();
        long available = answer.contentLength();
        if (range == null) {
            // a store that ignores ranges sends the whole object
            length = available;
            available -= position;
            if (available > 0) {
                body.skipNBytes(position);
            }
        } else if (!range.endsWith("*")) {
            length = Long.parseLong(range.substring(range.lastIndexOf('/') + 1));
        }
        int expected = (int) Math.clamp(available, 0, (long) count);
        int read = body.readNBytes(target, from, expected);
        if (read < expected) {
            throw new IOException("the answer ended after %d of %d bytes".formatted(read, expected));
        }
        if (available > count) {
            body.abort();
        }
        return read;
    }

    private synchronized void checkVersion(String answered) {
        if (answered == null || answered.isEmpty()) {
            return;
        }
        if (etag.isEmpty()) {
            etag = answered;
        } else if (!etag.equals(answered)) {
            throw changed(etag, answered);
        }
    }

    private FileChangedException changed(String before, String now) {
        return new FileChangedException(
                "[%s] was overwritten while it was read: its ETag was %s, is %s".formatted(location, before, now));
    }
}
