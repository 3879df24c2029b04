package dev.firn.gateway.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.schemas.Code;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SignInTest {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String EXPIRED = "expired";

    private static ServedPages pages;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        pages = ServedPages.in(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        pages.close();
    }

    private static String location(HttpResponse<String> answer) {
        return answer.headers().firstValue("Location").orElse("");
    }

    @Test
    void leadsToThePageThatWasAskedForWithItsQuery() {
        HttpResponse<String> asked = pages.get(EXPIRED, "/ui/views?q=a%20b+c");
        assertThat(asked.statusCode()).isEqualTo(303);
        assertThat(location(asked)).isEqualTo("/ui/sign-in?next=%2Fui%2Fviews%3Fq%3Da%2520b%2Bc");

        assertThat(pages.get("", location(asked)).body()).contains("name=\"next\" value=\"/ui/views?q=a%20b+c\"");
        HttpResponse<String> signedIn =
                pages.post("", SignIn.PATH, FORM, "token=alice&next=%2Fui%2Fviews%3Fq%3Da%2520b%2Bc");
        assertThat(signedIn.statusCode()).isEqualTo(303);
        assertThat(location(signedIn)).isEqualTo("/ui/views?q=a%20b+c");
        assertThat(signedIn.headers().firstValue("Set-Cookie").orElse("")).startsWith("firn-token=alice;");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//evil.example",
                "https://evil.example/ui/",
                "/ui",
                "/\\evil.example",
                "javascript:alert(1)",
                "/ui/\r\nSet-Cookie: x=y",
                "/ui/views?q=<script>",
                "/ui/views?q=a#b",
                "/ui/views?q='x'",
                "/ui/views?q=a?b",
            })
    void leadsNowhereElse(String address) {
        String next = URLEncoder.encode(address, StandardCharsets.UTF_8);

        assertThat(pages.get("", SignIn.PATH + "?next=" + next).body()).contains("name=\"next\" value=\"/ui/views\"");
        assertThat(location(pages.post("", SignIn.PATH, FORM, "token=alice&next=" + next)))
                .isEqualTo("/ui/views");
    }

    @Test
    void aLinkFromAnotherSiteOpensThePageAgainWithItsQuery() {
        HttpResponse<String> answer = pages.get("", "/ui/views?q=orders&x=1", "Sec-Fetch-Site", "cross-site");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("0; url=/ui/views?q=orders&amp;x=1");
    }

    /// The address of a form has no page.
    @Test
    void aFormWhoseTokenHasExpiredLeadsToThePageThatItStoodOn() {
        HttpResponse<String> answer = pages.post(EXPIRED, "/ui/retrievals/train-1/cancel", FORM, "");

        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(location(answer)).isEqualTo("/ui/sign-in?next=%2Fui%2Fretrievals%2Ftrain-1");
    }

    /// htmx would follow a redirection and put the form where a part of the page belongs.
    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1/ui/retrievals/train-1, %2Fui%2Fretrievals%2Ftrain-1",
        "https://firn.example/ui/views?q=orders#main, %2Fui%2Fviews%3Fq%3Dorders",
        "https://firn.example/ui/views?q=(orders), %2Fui%2Fviews",
        "https://firn.example/docs/, %2Fui%2Fviews",
        "https://firn.example//evil.example/, %2Fui%2Fviews",
        "javascript:alert(1), %2Fui%2Fviews",
        "not an address, %2Fui%2Fviews",
    })
    void aPageThatAsksForAPartOfItselfIsLeftForTheForm(String shown, String next) {
        HttpResponse<String> answer =
                pages.get(EXPIRED, "/ui/retrievals", "HX-Request", "true", "HX-Current-URL", shown);

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("HX-Redirect").orElse("")).isEqualTo("/ui/sign-in?next=" + next);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void aPageThatDoesNotSayWhatItIsLeadsHome() {
        HttpResponse<String> answer = pages.get(EXPIRED, "/ui/retrievals", "HX-Request", "true");

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("HX-Redirect")).contains("/ui/sign-in?next=%2Fui%2Fviews");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "multipart/form-data; boundary=x",
                "application/json",
                "text/plain; x=application/x-www-form-urlencoded"
            })
    void takesNoOtherForm(String type) {
        HttpResponse<String> answer = pages.post("", SignIn.PATH, type, "token=alice");

        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(answer.body()).contains(Code.UNSUPPORTED_MEDIA_TYPE.name());
    }

    @Test
    void takesNoLargeForm() {
        HttpResponse<String> answer = pages.post("", SignIn.PATH, FORM, "token=" + "x".repeat(8 << 10));

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains(Code.BODY_TOO_LARGE.name());
        assertThat(pages.post("", SignIn.PATH, FORM, "token=" + "x".repeat(4_000))
                        .body())
                .contains("at most 3,800 characters");
    }

    /// Whoever has no token could else fill the disk or the memory.
    @Test
    void readsNoBodyThatItDoesNotTake() throws IOException {
        String multipart = "Content-Type: multipart/form-data; boundary=x";
        String huge = "Content-Length: 1000000000000";

        assertThat(pages.statusWithoutBody("POST", SignIn.PATH, multipart, huge))
                .contains(" 415 ");
        assertThat(pages.statusWithoutBody("POST", SignIn.PATH, "Content-Type: " + FORM, huge))
                .contains(" 413 ");
        assertThat(pages.statusWithoutBody("POST", SignIn.PATH, "Content-Type: " + FORM, "Transfer-Encoding: chunked"))
                .contains(" 413 ");
        assertThat(pages.statusWithoutBody("GET", SignIn.PATH, multipart, huge)).contains(" 200 ");
        assertThat(pages.statusWithoutBody("POST", "/ui/sign-out", multipart, huge))
                .contains(" 303 ");
        assertThat(pages.statusWithoutBody("POST", "/ui/retrievals/x/cancel", multipart, huge))
                .contains(" 303 ");
    }
}
