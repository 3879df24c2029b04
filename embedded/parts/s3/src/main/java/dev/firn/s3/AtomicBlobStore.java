package dev.firn.s3;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.Striped;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.function.Supplier;
import org.gaul.s3proxy.PutOptions2;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.domain.Blob;
import org.jclouds.blobstore.domain.BlobMetadata;
import org.jclouds.blobstore.domain.MultipartPart;
import org.jclouds.blobstore.domain.MultipartUpload;
import org.jclouds.blobstore.options.CopyOptions;
import org.jclouds.blobstore.options.PutOptions;
import org.jclouds.blobstore.util.ForwardingBlobStore;
import org.jclouds.http.HttpCommand;
import org.jclouds.http.HttpResponse;
import org.jclouds.http.HttpResponseException;
import org.jspecify.annotations.Nullable;

/// Makes a conditional PUT (`If-None-Match`, `If-Match`) atomic.
///
/// S3Proxy checks whether the object exists, reads the body, then writes, so two concurrent clients can both find no
/// object and both succeed. Here the check and the write happen under one lock per key. A conditional write holds the
/// lock exclusively; every other change of the key (put, copy, delete, completion of a multipart upload) shares it, so
/// it comes entirely before or entirely after. Readers never wait: the underlying store replaces a file by one rename.
///
/// The body of a conditional write has been read before it gets here, unless it is very large
/// ([org.gaul.s3proxy.ConditionalWriteServlet]), so a slow client does not block others.
final class AtomicBlobStore extends ForwardingBlobStore {
    private static final int STRIPES = 1 << 16;
    private static final int PRECONDITION_FAILED = 412;

    private final Striped<ReadWriteLock> locks = Striped.lazyWeakReadWriteLock(STRIPES);

    AtomicBlobStore(BlobStore store) {
        super(store);
    }

    @Override
    public String putBlob(String bucket, Blob blob) {
        return putBlob(bucket, blob, new PutOptions());
    }

    @Override
    public String putBlob(String bucket, Blob blob, PutOptions options) {
        String key = blob.getMetadata().getName();
        if (options instanceof PutOptions2 conditions
                && (conditions.getIfNoneMatch() != null || conditions.getIfMatch() != null)) {
            return locked(exclusive(bucket, key), () -> {
                check(bucket, key, conditions);
                return delegate().putBlob(bucket, blob, options);
            });
        }
        return locked(shared(bucket, key), () -> delegate().putBlob(bucket, blob, options));
    }

    @Override
    public String completeMultipartUpload(MultipartUpload upload, List<MultipartPart> parts) {
        return locked(
                shared(upload.containerName(), upload.blobName()),
                () -> delegate().completeMultipartUpload(upload, parts));
    }

    @Override
    public String copyBlob(String fromBucket, String fromKey, String toBucket, String toKey, CopyOptions options) {
        return locked(
                shared(toBucket, toKey), () -> delegate().copyBlob(fromBucket, fromKey, toBucket, toKey, options));
    }

    @Override
    public void removeBlob(String bucket, String key) {
        locked(shared(bucket, key), () -> {
            delegate().removeBlob(bucket, key);
            return key;
        });
    }

    @Override
    public void removeBlobs(String bucket, Iterable<String> keys) {
        keys.forEach(key -> removeBlob(bucket, key));
    }

    private void check(String bucket, String key, PutOptions2 conditions) {
        @Nullable BlobMetadata existing = delegate().blobMetadata(bucket, key);
        @Nullable String etag = existing == null ? null : unquoted(requireNonNull(existing.getETag(), "etag"));
        @Nullable String ifNoneMatch = conditions.getIfNoneMatch();
        if (ifNoneMatch != null && matches(ifNoneMatch, etag)) {
            throw preconditionFailed(bucket, key);
        }
        @Nullable String ifMatch = conditions.getIfMatch();
        if (ifMatch != null && !matches(ifMatch, etag)) {
            throw preconditionFailed(bucket, key);
        }
    }

    private static boolean matches(String condition, @Nullable String etag) {
        return etag != null && (condition.equals("*") || unquoted(condition).equals(etag));
    }

    private static String unquoted(String etag) {
        return etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"")
                ? etag.substring(1, etag.length() - 1)
                : etag;
    }

    private static HttpResponseException preconditionFailed(String bucket, String key) {
        HttpResponse response =
                HttpResponse.builder().statusCode(PRECONDITION_FAILED).build();
        return new HttpResponseException(
                "[s3://%s/%s] the precondition failed".formatted(bucket, key), (HttpCommand) null, response);
    }

    private Lock shared(String bucket, String key) {
        return locks.get(bucket + "/" + key).readLock();
    }

    private Lock exclusive(String bucket, String key) {
        return locks.get(bucket + "/" + key).writeLock();
    }

    private static String locked(Lock lock, Supplier<String> change) {
        lock.lock();
        try {
            return change.get();
        } finally {
            lock.unlock();
        }
    }
}
