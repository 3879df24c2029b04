package dev.firn.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class S3ServerTest {
    private static final int CLIENTS = 16;
    private static final int ROUNDS = 25;
    private static final String BUCKET = "lake";

    private final S3Server server;
    private final S3Client s3;

    S3ServerTest(@TempDir Path folder) throws Exception {
        server = S3Server.start(new S3Server.Settings(folder, 0, "firn", "secret", BUCKET));
        s3 = client("secret");
    }

    @AfterAll
    void stop() throws Exception {
        s3.close();
        server.close();
    }

    @Test
    void letsOneOfManyConcurrentCreatorsWin() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String key = "race/%d/_manifest.json".formatted(round);
            List<String> winners = raceToCreate(key);
            assertThat(winners).hasSize(1);
            assertThat(content(key)).isEqualTo(winners.getFirst());
        }
    }

    @Test
    void keepsCreatorsFromReplacingACompletedUpload() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String key = "upload/%d".formatted(round);
            String uploadId =
                    s3.createMultipartUpload(r -> r.bucket(BUCKET).key(key)).uploadId();
            String etag = s3.uploadPart(
                            r -> r.bucket(BUCKET).key(key).uploadId(uploadId).partNumber(1),
                            RequestBody.fromString("uploaded"))
                    .eTag();
            race(List.of(
                    () -> s3.completeMultipartUpload(r -> r.bucket(BUCKET)
                            .key(key)
                            .uploadId(uploadId)
                            .multipartUpload(u -> u.parts(CompletedPart.builder()
                                    .partNumber(1)
                                    .eTag(etag)
                                    .build()))),
                    () -> create(key, "created")));
            assertThat(content(key)).isEqualTo("uploaded");
        }
    }

    @Test
    void refusesToCreateAnExistingObject() {
        assertThat(create("once", "first")).isTrue();
        assertThat(create("once", "second")).isFalse();
        assertThat(content("once")).isEqualTo("first");
    }

    @Test
    void createsADeletedObjectAgain() {
        create("deleted", "first");
        s3.deleteObject(r -> r.bucket(BUCKET).key("deleted"));
        assertThat(create("deleted", "second")).isTrue();
    }

    @Test
    void replacesOnlyTheVersionInIfMatch() {
        String etag = put("versioned", "one");
        assertThat(putIfMatch("versioned", etag, "two")).isTrue();
        assertThat(putIfMatch("versioned", etag, "three")).isFalse();
        assertThat(content("versioned")).isEqualTo("two");
    }

    @Test
    void keepsContentTypeAndMetadataOfAConditionalPut() {
        s3.putObject(
                r -> r.bucket(BUCKET)
                        .key("typed")
                        .ifNoneMatch("*")
                        .contentType("application/json")
                        .metadata(Map.of("attempt", "1")),
                RequestBody.fromString("{}"));
        var head = s3.headObject(r -> r.bucket(BUCKET).key("typed"));
        assertThat(head.contentType()).isEqualTo("application/json");
        assertThat(head.metadata()).containsEntry("attempt", "1");
    }

    @Test
    void refusesAConditionOnTheCompletionOfAnUpload() {
        assertThatThrownBy(() -> s3.completeMultipartUpload(r -> r.bucket(BUCKET)
                        .key("upload")
                        .uploadId("any")
                        .ifNoneMatch("*")
                        .multipartUpload(u -> u.parts(CompletedPart.builder()
                                .partNumber(1)
                                .eTag("any")
                                .build()))))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(501));
    }

    @Test
    void refusesAWrongSecret() {
        try (S3Client stranger = client("guess")) {
            assertThatThrownBy(() -> stranger.listObjectsV2(r -> r.bucket(BUCKET)))
                    .isInstanceOfSatisfying(
                            S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(403));
        }
    }

    private List<String> raceToCreate(String key) throws Exception {
        List<String> winners = Collections.synchronizedList(new ArrayList<>());
        List<Callable<?>> creators = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            String body = "client " + client;
            creators.add(() -> create(key, body) && winners.add(body));
        }
        race(creators);
        return winners;
    }

    private static void race(List<? extends Callable<?>> runners) throws Exception {
        CyclicBarrier line = new CyclicBarrier(runners.size());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (Callable<?> runner : runners) {
                running.add(threads.submit(() -> {
                    line.await();
                    return runner.call();
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
    }

    private boolean create(String key, String body) {
        return succeeds(
                () -> s3.putObject(r -> r.bucket(BUCKET).key(key).ifNoneMatch("*"), RequestBody.fromString(body)));
    }

    private boolean putIfMatch(String key, String etag, String body) {
        return succeeds(() -> s3.putObject(r -> r.bucket(BUCKET).key(key).ifMatch(etag), RequestBody.fromString(body)));
    }

    private static boolean succeeds(Runnable put) {
        try {
            put.run();
            return true;
        } catch (S3Exception e) {
            assertThat(e.statusCode()).isEqualTo(412);
            return false;
        }
    }

    private String put(String key, String body) {
        return s3.putObject(r -> r.bucket(BUCKET).key(key), RequestBody.fromString(body))
                .eTag();
    }

    private String content(String key) {
        return s3.getObjectAsBytes(r -> r.bucket(BUCKET).key(key)).asUtf8String();
    }

    private S3Client client(String secret) {
        return S3Client.builder()
                .endpointOverride(server.endpoint())
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .httpClient(UrlConnectionHttpClient.create())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("firn", secret)))
                .build();
    }
}
