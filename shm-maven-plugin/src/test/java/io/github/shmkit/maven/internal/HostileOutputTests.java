package io.github.shmkit.maven.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.sweep.Verdict;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.SchemaFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** Each output is read by a parser of its format, which must find what we meant, and nothing else. */
class HostileOutputTests {
    static List<LeakReport> reports() {
        return List.of(
                HostileNames.report(),
                SampleReport.report(),
                new LeakReport("2026-01-01T00:00:00Z", "", List.of(), List.of()));
    }

    // --- JSON ---

    @ParameterizedTest
    @MethodSource("reports")
    void jsonIsOfItsSchema(LeakReport report) throws Exception {
        assertThat(schema().validate(report.toJson(), InputFormat.JSON)).isEmpty();
        assertThat(LeakReport.ofJson(report.toJson())).isEqualTo(report);
    }

    /** The control: the schema does refuse. */
    @Test
    void theSchemaIsStrict() throws Exception {
        String json = SampleReport.report().toJson();
        for (String[] change : new String[][] {
            {"\"schema\": 1", "\"schema\": 2"},
            {"\"POSIX_SHM\"", "\"SHM\""},
            {"\"leak\": true", "\"leak\": \"yes\""},
            {"\"size\": 32", "\"size\": -1"},
            {"\"address\": \"id 98317", "\"address\": \"\\u001b"},
            {"\"made\": \"2026-11-20T", "\"made\": \"yesterday"},
            {"\"rule\"", "\"law\""}
        }) {
            assertThat(json).contains(change[0]);
            Set<ValidationMessage> found = schema().validate(json.replace(change[0], change[1]), InputFormat.JSON);
            assertThat(found).as(change[1]).isNotEmpty();
        }
    }

    @Test
    void theSchemaKnowsEveryValueThatThereIs() throws Exception {
        JsonNode members = schema().getSchemaNode().at("/$defs/object/properties");

        assertThat(members.at("/kind/enum"))
                .map(JsonNode::asText)
                .containsExactlyInAnyOrderElementsOf(names(IpcKind.values()));
        assertThat(members.at("/decision/enum"))
                .map(JsonNode::asText)
                .containsExactlyInAnyOrderElementsOf(names(Verdict.Decision.values()));
        List<String> outcomes = names(Actuator.Outcome.values());
        outcomes.add("");
        assertThat(members.at("/outcome/enum")).map(JsonNode::asText).containsExactlyInAnyOrderElementsOf(outcomes);
        assertThat(names(Verdict.Rule.values()))
                .allMatch(Pattern.compile(members.at("/rule/pattern").asText()).asPredicate());
    }

    private static List<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).collect(Collectors.toCollection(ArrayList::new));
    }

    @Test
    void jsonKeepsTheVeryBytes() throws Exception {
        JsonNode objects =
                new ObjectMapper().readTree(HostileNames.report().toJson()).get("objects");
        Set<RawName> names = new HashSet<>();
        for (JsonNode object : objects) {
            assertThat(object.get("leak").asBoolean()).isTrue();
            names.add(RawName.of(
                    Base64.getUrlDecoder().decode(object.get("nameBase64").asText())));
        }
        assertThat(names).isEqualTo(Set.copyOf(HostileNames.ALL));
    }

    private static JsonSchema schema() throws IOException {
        try (InputStream in = LeakReport.class.getResourceAsStream("/io/github/shmkit/maven/leaks-1.schema.json")) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(in);
        }
    }

    // --- XML ---

    @ParameterizedTest
    @MethodSource("reports")
    void junitXmlIsOfItsSchema(LeakReport report) throws Exception {
        String xml = JunitXml.of(report);
        SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
                .newSchema(HostileOutputTests.class.getResource("/junit-report.xsd"))
                .newValidator()
                .validate(new StreamSource(new StringReader(xml)));
        Document document = document(xml);
        int cases = document.getElementsByTagName("testcase").getLength();
        assertThat(document.getDocumentElement().getAttribute("tests")).isEqualTo(String.valueOf(cases));
        assertThat(document.getDocumentElement().getAttribute("failures"))
                .isEqualTo(
                        String.valueOf(document.getElementsByTagName("failure").getLength()));
        assertThat(lines(document.getElementsByTagName("failure")))
                .containsExactlyInAnyOrderElementsOf(
                        report.leaks().stream().map(Check::line).toList());
    }

    private static List<String> lines(NodeList elements) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < elements.getLength(); i++) {
            elements.item(i).getTextContent().lines().forEach(lines::add);
        }
        return lines;
    }

    private static Document document(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(UTF_8)));
    }

    // --- GitHub ---

    @Test
    void githubSeesTheCommandsThatWeGive() {
        // As its runner reads a line.
        Pattern command = Pattern.compile("::([a-z-]+)( [^:]*)?::(.*)");
        List<String> lines = GithubActions.annotations(HostileNames.report());

        assertThat(lines).hasSize(10).allSatisfy(line -> {
            assertThat(line.codePoints()).noneMatch(Character::isISOControl);
            Matcher matcher = command.matcher(line);
            assertThat(matcher.matches()).isTrue();
            assertThat(matcher.group(1)).isEqualTo("error");
            assertThat(matcher.group(2)).matches(" title=Leak(s|ed POSIX_SHM)");
            assertThat(matcher.group(3)).doesNotContainPattern("%(?!25)");
        });
    }

    @Test
    void markdownHasTheRowsAndCellsThatWeGive() {
        List<String> rows = GithubActions.summary(HostileNames.report())
                .lines()
                .filter(line -> line.startsWith("|"))
                .skip(2)
                .toList();

        assertThat(rows).hasSize(HostileNames.ALL.size());
        assertThat(rows)
                .allMatch(row -> row.split("\\|", -1).length == 7)
                .allMatch(row -> row.replaceAll("&#\\d+;", "").matches("[\\p{L}\\p{N} |]*"));
    }

    // --- OpenMetrics ---

    @ParameterizedTest
    @MethodSource("reports")
    void metricsAreOpenMetrics(LeakReport report) {
        Map<String, Long> samples = samples(Metrics.of(report));
        long objects = 0;
        long bytes = 0;
        for (IpcKind kind : IpcKind.values()) {
            objects += samples.getOrDefault("shmkit_leaked_objects{kind=\"" + kind + "\"}", 0L);
            bytes += samples.getOrDefault("shmkit_leaked_bytes{kind=\"" + kind + "\"}", 0L);
        }
        assertThat(objects).isEqualTo(report.leaks().size());
        assertThat(bytes).isEqualTo(report.leakedBytes());
        assertThat(samples).hasSize(16);
    }

    /** As strict as the specification: families one after another, metadata first, one sample each, and EOF last. */
    private static Map<String, Long> samples(String text) {
        assertThat(text).endsWith("\n").doesNotContain("\r");
        List<String> lines = text.lines().toList();
        assertThat(lines.get(lines.size() - 1)).isEqualTo("# EOF");
        Map<String, Long> samples = new HashMap<>();
        Set<String> families = new HashSet<>();
        Set<String> metadata = new HashSet<>();
        String family = "";
        Pattern about = Pattern.compile("# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) ([^\\\\]+)");
        Pattern sample = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{[a-z_]+=\"[^\"\\\\\\n]*\"}) (\\d+)");
        for (String line : lines.subList(0, lines.size() - 1)) {
            Matcher matcher = about.matcher(line);
            if (matcher.matches()) {
                if (!matcher.group(2).equals(family)) {
                    family = matcher.group(2);
                    assertThat(families.add(family))
                            .as("a family stands together")
                            .isTrue();
                }
                assertThat(metadata.add(matcher.group(1) + family)).isTrue();
                assertThat(samples.keySet()).noneMatch(name -> name.startsWith(matcher.group(2) + "{"));
                if (matcher.group(1).equals("TYPE")) {
                    assertThat(matcher.group(3)).isEqualTo("gauge");
                } else if (matcher.group(1).equals("UNIT")) {
                    assertThat(family).endsWith("_" + matcher.group(3));
                }
            } else {
                Matcher value = sample.matcher(line);
                assertThat(value.matches()).as(line).isTrue();
                assertThat(value.group(1)).isEqualTo(family);
                assertThat(samples.put(value.group(1) + value.group(2), Long.parseLong(value.group(3))))
                        .isNull();
            }
        }
        return samples;
    }

    // --- lines for people ---

    @Test
    void aLogHasALineForEachAndNoCommandToAnyCiSystem() {
        Log log = new Log();
        Check.tell(HostileNames.report(), item -> true, log);

        assertThat(log.lines()).hasSize(HostileNames.ALL.size()).allSatisfy(line -> {
            assertThat(line.codePoints()).noneMatch(Character::isISOControl);
            assertThat(line).startsWith("WARN leaked POSIX_SHM /dev/shm/").doesNotContain("##[", "##vso[");
        });
        assertThat(Set.copyOf(log.lines())).hasSize(HostileNames.ALL.size());
    }
}
