package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTests {
    private static Map<String, Object> sample() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("schema", 1L);
        map.put("leak", true);
        map.put("objects", List.of("a", Map.of("size", -4096L), List.of()));
        map.put("none", Map.of());
        return map;
    }

    @Test
    void isWrittenForPeopleToo() {
        assertThat(Json.write(sample())).isEqualTo("""
                {
                  "schema": 1,
                  "leak": true,
                  "objects": [
                    "a",
                    {
                      "size": -4096
                    },
                    []
                  ],
                  "none": {}
                }
                """);
    }

    @Test
    void comesBackAsItWas() {
        assertThat(Json.read(Json.write(sample()))).isEqualTo(sample());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, quoteCharacter = '~', textBlock = """
            "|\\"
            \\|\\\\
            <b>&|\\u003cb\\u003e\\u0026
            zoë|zoë
            """)
    void whatWouldEndATextOrBeMarkupIsEscaped(String text, String written) {
        assertThat(Json.write(text)).isEqualTo('"' + written + "\"\n");
    }

    @Test
    void whatCannotBeSeenIsEscaped() {
        assertThat(Json.write("\0\n\u001f ~\u007f\u0080\u2027\u2028\u2029\u202a"))
                .isEqualTo("\"\\u0000\\u000a\\u001f ~\\u007f\u0080\u2027\\u2028\\u2029\u202a\"\n");
        assertThat(Json.write("𝄞")).isEqualTo("\"\\ud834\\udd1e\"\n");
        assertThat(Json.write("\ud800")).isEqualTo("\"\\ud800\"\n");
    }

    @Test
    void everyCharacterComesBack() {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c <= Character.MAX_VALUE; c++) {
            all.append((char) c);
        }

        assertThat(Json.read(Json.write(all)).equals(all.toString())).isTrue();
    }

    @Test
    void readsWhatOthersWriteInOtherWays() {
        assertThat(Json.read("\t{\"a\":[1 ,\r\n-2,true,false],\"b\" : \"\\/\\n\\t\\r\\b\\f\\u00e9\"} \n"))
                .isEqualTo(Map.of("a", List.of(1L, -2L, true, false), "b", "/\n\t\r\b\fé"));
        assertThat(Json.read("\"\"")).isEqualTo("");
        assertThat(Json.read("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(Json.read("[{},[],\"\"]")).isEqualTo(List.of(Map.of(), List.of(), ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            quoteCharacter = '~',
            nullValues = "none",
            textBlock = """
            ~~|0
            ~ ~|1
            {|1
            [|1
            [1|2
            [1,|3
            [1 2]|3
            [,1]|none
            {"a"}|4
            {"a":}|none
            {"a":1,}|7
            {a:1}|1
            {1:1}|1
            "|1
            "a|2
            "\\x"|3
            "\\|2
            "\\u0041|7
            "\\u12|3
            1 2|2
            {} x|3
            []]|2
            """)
    void whatIsMalformedIsRefusedWithItsPlace(String text, Integer at) {
        assertThatThrownBy(() -> Json.read(text))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> {
                    if (at != null) {
                        assertThat(e).hasMessage("malformed at character " + at);
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "1e3", "nul", "null", "9223372036854775808", "-", "truth", "\"\\u00g0\""})
    void whatWeNeverWriteIsRefused(String text) {
        assertThatThrownBy(() -> Json.read(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFileThatIsNestedOnPurposeIsRefused() {
        assertThat(Json.read("[".repeat(33) + "]".repeat(33))).isInstanceOf(List.class);
        assertThatThrownBy(() -> Json.read("[".repeat(34) + "]".repeat(34)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("malformed at character 33");
        assertThatThrownBy(() -> Json.read("{\"a\":".repeat(34) + "1" + "}".repeat(34)))
                .hasMessage("malformed at character " + 5 * 33);
        assertThatThrownBy(() -> Json.read("[".repeat(1_000_000))).hasMessage("malformed at character 33");
    }

    @Test
    void membersAreHadByNameAndType() {
        Object map = Json.read("{\"t\": \"x\", \"n\": 7, \"b\": false, \"l\": [1]}");

        assertThat(Json.text(map, "t")).isEqualTo("x");
        assertThat(Json.number(map, "n")).isEqualTo(7);
        assertThat(Json.bool(map, "b")).isFalse();
        assertThat(Json.bool(Json.read("{\"b\": true}"), "b")).isTrue();
        assertThat(Json.list(map, "l").get(0)).isEqualTo(1L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "7", "{\"a\": {}}"})
    void aMemberThatIsMissingOrOfAnotherTypeIsNamed(String json) {
        Object map = Json.read(json);
        String message = "no a of the right type";

        assertThatThrownBy(() -> Json.text(map, "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> Json.number(map, "a")).hasMessage(message);
        assertThatThrownBy(() -> Json.bool(map, "a")).hasMessage(message);
        assertThatThrownBy(() -> Json.list(map, "a")).hasMessage(message);
    }
}
