package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.schemas.AccessRule.Role;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class S3PolicyTest {
    private final S3Policy policy = new S3Policy(
            new S3Policy.Places(
                    List.of("s3://tables/warehouse/"),
                    List.of("s3://in/spines", "s3://more"),
                    "s3://out/firn-spines",
                    "s3://out/results",
                    List.of()),
            new Namespace("acme"));

    @Test
    void aWorkerReadsTablesAndSpinesAndWritesItsResultsOnly() {
        assertThat(statements(Role.RETRIEVAL_WORKER))
                .containsExactly(
                        "[s3:GetObject] [arn:aws:s3:::tables/warehouse/*]",
                        "[s3:GetObject] [arn:aws:s3:::in/spines/*, arn:aws:s3:::more/*]",
                        "[s3:GetObject] [arn:aws:s3:::out/firn-spines/acme/*, arn:aws:s3:::out/firn-spines/uploads/*]",
                        "[s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload]"
                                + " [arn:aws:s3:::out/results/acme/*]",
                        "[s3:ListBucket] [arn:aws:s3:::tables, arn:aws:s3:::in, arn:aws:s3:::more, arn:aws:s3:::out]",
                        "[s3:ListBucketMultipartUploads] [arn:aws:s3:::out]");
    }

    @Test
    void theRegistrationServiceWritesNothingButStoredRows() {
        assertThat(statements(Role.REGISTRATION_SERVICE))
                .containsExactly(
                        "[s3:GetObject] [arn:aws:s3:::tables/warehouse/*]",
                        "[s3:GetObject, s3:PutObject] [arn:aws:s3:::out/firn-spines/acme/*]",
                        "[s3:ListBucket] [arn:aws:s3:::tables, arn:aws:s3:::out]");
    }

    @Test
    void programsUploadSpinesAndReadResults() {
        assertThat(statements(Role.PRODUCER))
                .containsExactly(
                        "[s3:PutObject, s3:AbortMultipartUpload] [arn:aws:s3:::in/spines/uploads/*]",
                        "[s3:ListBucket] [arn:aws:s3:::in] [spines/uploads/*]");
        assertThat(statements(Role.CONSUMER))
                .containsExactly(
                        "[s3:GetObject] [arn:aws:s3:::out/results/acme/*]",
                        "[s3:ListBucket] [arn:aws:s3:::out] [results/acme/*]");
    }

    @Test
    void aPrefixIsAKeyAndNoUri() {
        S3Policy odd = new S3Policy(
                new S3Policy.Places(
                        List.of("s3://tables/ware house#1/a%20b?c/"),
                        List.of(),
                        "s3://out/spines",
                        "s3://out/results",
                        List.of()),
                new Namespace("acme"));
        assertThat(odd.of(Role.REGISTRATION_SERVICE).toString())
                .contains("arn:aws:s3:::tables/ware house#1/a%20b?c/*")
                .contains("\"arn:aws:s3:::tables\"");
    }

    @Test
    void theGatewayWritesNothingButUploads() {
        assertThat(statements(Role.GATEWAY))
                .containsExactly(
                        "[s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload] [arn:aws:s3:::out/firn-spines/uploads/*]",
                        "[s3:GetObject] [arn:aws:s3:::out/results/acme/*]",
                        "[s3:ListBucket] [arn:aws:s3:::out]",
                        "[s3:ListBucketMultipartUploads] [arn:aws:s3:::out]");
    }

    @Test
    void onlyAWorkerWritesTablesAndOnlyWhereTargetsAreAllowed() {
        S3Policy writing = new S3Policy(
                new S3Policy.Places(
                        List.of("s3://tables/warehouse"),
                        List.of(),
                        "s3://out/spines",
                        "s3://out/results",
                        List.of("s3://tables/warehouse/features")),
                new Namespace("acme"));
        for (Role role : Role.values()) {
            assertThat(writing.of(role).toString().contains("warehouse/features"))
                    .as(role.text())
                    .isEqualTo(role == Role.RETRIEVAL_WORKER);
        }
        assertThat(writing.of(Role.RETRIEVAL_WORKER).toString())
                .contains("\"s3:PutObject\",\"s3:DeleteObject\",\"s3:AbortMultipartUpload\"],"
                        + "\"Resource\":[\"arn:aws:s3:::tables/warehouse/features/*\"]");
    }

    @ParameterizedTest
    @EnumSource
    void nobodyMayWriteTables(Role role) {
        assertThat(statements(role))
                .filteredOn(statement -> statement.contains("Put") || statement.contains("Delete"))
                .noneMatch(statement -> statement.contains("tables"));
    }

    private List<String> statements(Role role) {
        List<String> found = new ArrayList<>();
        for (var statement : policy.of(role).path("Statement")) {
            var prefixes = statement.path("Condition").path("StringLike").path("s3:prefix");
            found.add((statement.path("Action") + " " + statement.path("Resource")
                            + (prefixes.isMissingNode() ? "" : " " + prefixes))
                    .replace("\"", "")
                    .replace(",", ", "));
        }
        return found;
    }
}
