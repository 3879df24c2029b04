package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class EventReferenceTest {
    private static final Path EVENTS = Path.of("../docs/events.md");
    private static final Path TOPICS = Path.of("../docs/topics.md");
    private static final String HOW =
            "%s is not what the schemas say. Write it again: mvn -q -Pquick -pl schemas -am test -Dtest=EventReferenceTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dfirn.docs=write";

    @Test
    void theDocsSayWhatTheSchemasSay() throws IOException {
        if (System.getProperty("firn.docs", "").equals("write")) {
            EventReference.main(new String[] {EVENTS.toString(), TOPICS.toString()});
            abort("wrote " + EVENTS + " and " + TOPICS);
        }
        assertThat(EventReference.events()).as(HOW, EVENTS).isEqualTo(Files.readString(EVENTS));
        assertThat(EventReference.topics()).as(HOW, TOPICS).isEqualTo(Files.readString(TOPICS));
    }

    @Test
    void namesEveryTypeOnce() {
        assertThat(EventReference.events().lines().filter(line -> line.startsWith("## ")))
                .doesNotHaveDuplicates()
                .contains("## RetrievalRequest", "## ViewPin", "## CommitKind");
    }
}
