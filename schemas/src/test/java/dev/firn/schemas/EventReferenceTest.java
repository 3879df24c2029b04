package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EventReferenceTest {
    private static final Path DOCS = Path.of("../docs");
    private static final String HOW =
            "%s is not what the schemas say. Write it again: mvn -q -Pquick -pl schemas -am test -Dtest=EventReferenceTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dfirn.docs=write";

    private final Map<Path, String> pages = Map.of(
            DOCS.resolve("events.md"), EventReference.events(),
            DOCS.resolve("topics.md"), EventReference.topics(),
            DOCS.resolve("codes.md"), EventReference.codes(),
            DOCS.resolve("rights.md"), RightsReference.page());

    @Test
    void theDocsSayWhatTheSchemasSay() throws IOException {
        if (System.getProperty("firn.docs", "").equals("write")) {
            for (var page : pages.entrySet()) {
                Files.writeString(page.getKey(), page.getValue());
            }
            abort("wrote " + pages.keySet());
        }
        for (var page : pages.entrySet()) {
            assertThat(page.getValue()).as(HOW, page.getKey()).isEqualTo(Files.readString(page.getKey()));
        }
    }

    @Test
    void namesEveryTypeOnce() {
        assertThat(EventReference.events().lines().filter(line -> line.startsWith("## ")))
                .doesNotHaveDuplicates()
                .contains("## RetrievalRequest", "## ViewPin", "## CommitKind");
    }

    @Test
    void listsTheSpecifiedTopics() {
        assertThat(EventReference.topics().lines().filter(line -> line.startsWith("| `")))
                .extracting(line -> line.split("`", 3)[1])
                .containsExactlyElementsOf(TopicCatalogueTest.simpleNames().stream()
                        .map("firn."::concat)
                        .toList());
    }

    @Test
    void namesEveryCodeOnce() {
        List<String> rows = EventReference.codes()
                .lines()
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertThat(rows)
                .hasSameSizeAs(Code.values())
                .contains("| `TABLE_NOT_FOUND` | DATA | The schema has no table of that name."
                        + " | Correct the name, or create the table. |");
    }
}
