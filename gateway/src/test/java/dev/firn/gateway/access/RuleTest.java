package dev.firn.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RuleTest {
    @ParameterizedTest
    @CsvSource({
        "a, a, true",
        "a, ab, false",
        "*, anything, true",
        "a*, abc, true",
        "*c, abc, true",
        "a*c, ac, true",
        "a*b*c, axxbxxc, true",
        "a*b*c, acb, false",
        "ab*ba, aba, false",
        "a.c, abc, false",
        "**, x, true"
    })
    void aStarStandsForAnyText(String pattern, String text, boolean matches) {
        assertThat(Rule.matches(pattern, text)).isEqualTo(matches);
    }

    @Test
    void grantsNothingThatItDoesNotName() {
        Rule rule = rule("""
                {"principals": ["alice", "team-*"], "read": {"views": ["customer_*"]}, "register": {"standing": ["daily"]}}
                """);

        assertThat(rule.isAbout("alice")).isTrue();
        assertThat(rule.isAbout("team-1")).isTrue();
        assertThat(rule.isAbout("bob")).isFalse();
        assertThat(rule.grants(Right.READ, Kind.VIEW, "customer_a")).isTrue();
        assertThat(rule.grants(Right.REGISTER, Kind.VIEW, "customer_a")).isFalse();
        assertThat(rule.grants(Right.READ, Kind.VIEW, "product")).isFalse();
        assertThat(rule.grants(Right.READ, Kind.CATALOG, "iceberg")).isFalse();
        // who may register may read
        assertThat(rule.grants(Right.READ, Kind.STANDING, "daily")).isTrue();
        assertThat(rule.grants(Right.ADMINISTER, Kind.STANDING, "daily")).isFalse();
    }

    @Test
    void locationsAreComparedByWholeSegments() {
        Rule rule = rule("{\"principals\": [\"*\"], \"read\": {\"locations\": [\"s3://lake/a\"]}}");

        assertThat(rule.grants(Right.READ, Kind.LOCATION, "s3://lake/a/b.parquet"))
                .isTrue();
        assertThat(rule.grants(Right.READ, Kind.LOCATION, "s3://lake/ab.parquet"))
                .isFalse();
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> rule("{\"principals\": [\"a\"], \"write\": {}}"))
                .hasMessageContaining("unknown field 'write'");
        assertThatThrownBy(() -> rule("{\"principals\": [\"a\"], \"read\": {\"view\": []}}"))
                .hasMessageContaining("unknown field 'view'");
        assertThatThrownBy(() -> rule("{\"principals\": [\"a\"], \"read\": {\"views\": \"x\"}}"))
                .hasMessageContaining("'views' must be a list");
        assertThatThrownBy(() -> rule("{\"read\": {}}")).hasMessageContaining("must name principals");
    }

    private static Rule rule(String json) {
        try {
            return Rule.parse(new ObjectMapper().readTree(json));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
