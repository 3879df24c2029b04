package dev.firn.lake.storage;

import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Object;

/// Visits what lies under a folder on S3, page by page, however much it is.
final class S3Walk {
    private S3Walk() {}

    static void files(S3Client client, Location folder, Consumer<AgedFile> visitor) {
        for (ListObjectsV2Response page : client.listObjectsV2Paginator(
                request -> request.bucket(folder.bucket()).prefix(folder.key() + "/"))) {
            for (S3Object object : page.contents()) {
                if (!object.key().endsWith("/")) {
                    visitor.accept(new AgedFile(
                            "s3://" + folder.bucket() + "/" + object.key(),
                            orNever(object.lastModified()),
                            S3Store.unquoted(object.eTag())));
                }
            }
        }
    }

    static int abandonUploads(S3Client client, Location folder, Instant before) {
        int abandoned = 0;
        for (ListMultipartUploadsResponse page : client.listMultipartUploadsPaginator(
                request -> request.bucket(folder.bucket()).prefix(folder.key() + "/"))) {
            for (MultipartUpload upload : page.uploads()) {
                if (orNever(upload.initiated()).isBefore(before)) {
                    client.abortMultipartUpload(request ->
                            request.bucket(folder.bucket()).key(upload.key()).uploadId(upload.uploadId()));
                    abandoned++;
                }
            }
        }
        return abandoned;
    }

    /// What has no time yet is being written, so it is younger than anything.
    private static Instant orNever(@Nullable Instant time) {
        return time == null ? Instant.MAX : time;
    }
}
