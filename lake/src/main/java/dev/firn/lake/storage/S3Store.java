package dev.firn.lake.storage;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Secrets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/// S3 through the client that Iceberg's S3FileIO creates from its properties, so that tables, spines and results are
/// accessed in the same way. The client retries 5xx, throttling and connection resets (`s3.retry.*`).
final class S3Store implements SchemeStore {
    /// Limit of files in a folder; a spine with more is a mistake.
    static final int MAX_LISTED = 100_000;

    private static final int MAX_CONFLICT_RETRIES = 8;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(2);
    private static final double JITTER = 0.5;

    private final S3FileIO io;
    private final S3FileIOProperties properties;
    private final S3Faults faults;
    private final ReadRetries retries;

    private S3Store(S3FileIO io, S3FileIOProperties properties, S3Faults faults, ReadRetries retries) {
        this.io = io;
        this.properties = properties;
        this.faults = faults;
        this.retries = retries;
    }

    static S3Store open(Map<String, String> properties) {
        S3FileIO io = new S3FileIO();
        io.initialize(properties);
        return new S3Store(
                io,
                new S3FileIOProperties(properties),
                new S3Faults(Secrets.of(List.of(properties))),
                ReadRetries.of(properties));
    }

    @Override
    public InputFile input(Location location) {
        return StoreInput.ofS3(location.toString(), -1, () -> client(location), properties, retries);
    }

    @Override
    public OutputFile output(Location location) {
        if (location.isCutByIceberg()) {
            throw new LakeRejection(
                    LakeCode.LOCATION_INVALID,
                    "[" + location + "] nothing is written to a name with '#' or '?', where Iceberg cuts names");
        }
        return io.newOutputFile(location.toString());
    }

    @Override
    public PutOutcome putIfAbsent(Location location, byte[] content, Owner owner) {
        try {
            return Failsafe.with(RetryPolicy.<PutOutcome>builder()
                            .handleIf(S3Store::isConflict)
                            .withMaxRetries(MAX_CONFLICT_RETRIES)
                            .withBackoff(FIRST_BACKOFF, LAST_BACKOFF)
                            .withJitter(JITTER)
                            .build())
                    .get(() -> putOnce(location, content, owner));
        } catch (RuntimeException fault) {
            throw faults.writing(location, fault);
        }
    }

    /// 412: the file exists. 409: another conditional PUT is in progress and either may win, so retry. 501 and
    /// similar: the store does not support the condition and cannot be trusted with it.
    private PutOutcome putOnce(Location location, byte[] content, Owner owner) {
        PutObjectRequest.Builder request = PutObjectRequest.builder()
                .bucket(location.bucket())
                .key(location.key())
                .ifNoneMatch("*");
        encrypt(request);
        try {
            client(location).putObject(request.build(), RequestBody.fromBytes(content));
            return PutOutcome.CREATED;
        } catch (AwsServiceException answer) {
            if (answer.statusCode() == 412) {
                boolean ours = owner == Owner.BY_CONTENT && contentEquals(location, content);
                return ours ? PutOutcome.CREATED : PutOutcome.ALREADY_THERE;
            }
            if (S3Faults.isNotImplemented(answer)) {
                throw new LakeRejection(
                        LakeCode.UNSUPPORTED_STORE,
                        "[" + location + "] the store does not support conditional PUT (If-None-Match)");
            }
            throw answer;
        }
    }

    private static boolean isConflict(Throwable fault) {
        return fault instanceof AwsServiceException answer && answer.statusCode() == 409;
    }

    private boolean contentEquals(Location location, byte[] content) {
        try {
            return Arrays.equals(read(location, content.length), content);
        } catch (LakeRejection otherSizeOrGone) {
            return false;
        }
    }

    private void encrypt(PutObjectRequest.Builder request) {
        switch (properties.sseType()) {
            case S3FileIOProperties.SSE_TYPE_S3 -> request.serverSideEncryption(ServerSideEncryption.AES256);
            case S3FileIOProperties.SSE_TYPE_KMS ->
                request.serverSideEncryption(ServerSideEncryption.AWS_KMS).ssekmsKeyId(properties.sseKey());
            case S3FileIOProperties.SSE_TYPE_CUSTOM ->
                request.sseCustomerAlgorithm(ServerSideEncryption.AES256.name())
                        .sseCustomerKey(properties.sseKey())
                        .sseCustomerKeyMD5(properties.sseMd5());
            case null, default -> {
                // the bucket's default applies
            }
        }
    }

    @Override
    public byte[] read(Location location, int maxBytes) {
        try (ResponseInputStream<GetObjectResponse> stream = client(location)
                .getObject(request -> request.bucket(location.bucket()).key(location.key()))) {
            long length = stream.response().contentLength();
            if (length > maxBytes) {
                stream.abort();
                throw new LakeRejection(
                        LakeCode.FILE_TOO_LARGE,
                        "[" + location + "] has " + length + " bytes, the limit is " + maxBytes);
            }
            return stream.readNBytes(maxBytes);
        } catch (IOException e) {
            throw faults.readingOwn(location, new UncheckedIOException(e));
        } catch (RuntimeException fault) {
            throw faults.readingOwn(location, fault);
        }
    }

    @Override
    public List<StoredFile> list(Location location, boolean asFolder) {
        return reading(location, () -> {
            HeadObjectResponse file = asFolder || location.key().isEmpty()
                    ? null
                    : S3Head.ifPresent(client(location), headRequest(location));
            return file == null
                    ? listBelow(location)
                    : List.of(new StoredFile(location.toString(), file.contentLength(), unquoted(file.eTag())));
        });
    }

    private static HeadObjectRequest headRequest(Location location) {
        return HeadObjectRequest.builder()
                .bucket(location.bucket())
                .key(location.key())
                .build();
    }

    private List<StoredFile> listBelow(Location folder) {
        String prefix = folder.key().isEmpty() ? "" : folder.key() + "/";
        List<StoredFile> files = new ArrayList<>();
        for (ListObjectsV2Response page : client(folder)
                .listObjectsV2Paginator(
                        request -> request.bucket(folder.bucket()).prefix(prefix))) {
            for (S3Object object : page.contents()) {
                if (isFolderMarker(object)) {
                    continue;
                }
                if (files.size() == MAX_LISTED) {
                    throw new LakeRejection(
                            LakeCode.FILE_TOO_LARGE, "[" + folder + "] contains more than " + MAX_LISTED + " files");
                }
                files.add(stored(folder, object));
            }
        }
        files.sort(Comparator.comparing(StoredFile::location, PathOrder.UTF8));
        return List.copyOf(files);
    }

    private static StoredFile stored(Location folder, S3Object object) {
        String location = "s3://" + folder.bucket() + "/" + object.key();
        if (object.size() == null) {
            throw new LakeOutage(
                    LakeCode.STORAGE_UNAVAILABLE, "[" + location + "] the store lists the file without its size", null);
        }
        return new StoredFile(location, object.size(), unquoted(object.eTag()));
    }

    /// What consoles and Hadoop leave for a folder: an empty object whose name ends in `/` or in `_$folder$`.
    private static boolean isFolderMarker(S3Object object) {
        return Long.valueOf(0).equals(object.size())
                && (object.key().endsWith("/") || object.key().endsWith("_$folder$"));
    }

    @Override
    public void walk(Location folder, Consumer<AgedFile> visitor) {
        reading(folder, () -> {
            S3Walk.files(client(folder), folder, visitor);
            return true;
        });
    }

    @Override
    public int abandonUploads(Location folder, Instant before) {
        return reading(folder, () -> S3Walk.abandonUploads(client(folder), folder, before));
    }

    @Override
    public String etag(Location location) {
        return reading(location, () -> {
            String etag =
                    unquoted(S3Head.of(client(location), headRequest(location)).eTag());
            if (etag.isEmpty()) {
                throw new LakeOutage(
                        LakeCode.STORAGE_UNAVAILABLE,
                        "[" + location + "] the store does not tell the ETag, as while a file is being written",
                        null);
            }
            return etag;
        });
    }

    @Override
    public void delete(Location location) {
        try {
            client(location)
                    .deleteObject(request -> request.bucket(location.bucket()).key(location.key()));
        } catch (RuntimeException fault) {
            if (!S3Faults.isNotFound(fault)) {
                throw faults.writing(location, fault);
            }
        }
    }

    @Override
    public void deleteUnchanged(Location location, String etag) {
        try {
            HeadObjectResponse now = S3Head.ifPresent(client(location), headRequest(location));
            if (now != null && unquoted(now.eTag()).equals(etag)) {
                S3ConditionalDelete.delete(client(location), location, etag);
            }
        } catch (RuntimeException fault) {
            throw faults.writing(location, fault);
        }
    }

    @Override
    public void close() {
        io.close();
    }

    private S3Client client(Location location) {
        return io.client(location.toString());
    }

    private <T> T reading(Location location, Supplier<T> read) {
        try {
            return read.get();
        } catch (RuntimeException fault) {
            throw faults.reading(location, fault);
        }
    }

    /// Empty if the store told none.
    static String unquoted(@Nullable String etag) {
        if (etag == null) {
            return "";
        }
        return etag.startsWith("\"") && etag.endsWith("\"") && etag.length() > 1
                ? etag.substring(1, etag.length() - 1)
                : etag;
    }
}
