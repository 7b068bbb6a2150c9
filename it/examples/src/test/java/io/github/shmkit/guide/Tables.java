package io.github.shmkit.guide;

import static java.util.stream.Collectors.joining;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tables of the guide, made of the Javadoc that stands where each thing is, or of what the build made of that. */
final class Tables {
    private static final String JUNIT = "shm-junit/src/main/java/io/github/shmkit/junit/";
    private static final String VERDICT = "native-helper/src/main/java/io/github/shmkit/internal/sweep/Verdict.java";

    private static final String JAVADOC = "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*";
    private static final Pattern ATTRIBUTE =
            Pattern.compile(JAVADOC + "([\\w<>\\[\\]? ]+) (\\w+)\\(\\)(?: default ([^;]+))?;", Pattern.DOTALL);
    private static final Pattern CONSTANT = Pattern.compile(JAVADOC + "([A-Z][A-Z0-9_]+)[,;\\s]", Pattern.DOTALL);
    private static final Pattern CELL = Pattern.compile("<td>(.*?)</td>", Pattern.DOTALL);
    private static final Pattern ROW = Pattern.compile("<tr>(<td>.*?)</tr>", Pattern.DOTALL);

    private Tables() {}

    /** As Markdown. */
    static String of(String name) {
        return switch (name) {
            case "settings" -> settings();
            case "goals" -> goals();
            case "parameters" -> parameters();
            case "rules" -> constants("rule", VERDICT, "Rule");
            case "decisions" -> constants("verdict", VERDICT, "Decision");
            case "leaks" -> constants("kind", JUNIT + "LeakKind.java", "LeakKind");
            case "policies" -> constants("policy", JUNIT + "LeakPolicy.java", "LeakPolicy");
            case "scopes" -> constants("scope", JUNIT + "Shm.java", "Scope");
            default -> attributes(name);
        };
    }

    private static String settings() {
        String javadoc = Sources.text(JUNIT + "ShmSettings.java").replaceAll("\n \\*", "");
        Stream<List<String>> rows = ROW.matcher(javadoc)
                .results()
                .map(row -> CELL.matcher(row.group(1))
                        .results()
                        .map(cell -> markdown(cell.group(1)))
                        .toList());
        return table(List.of("name", "type", "default", "meaning"), rows);
    }

    private static String goals() {
        return table(
                List.of("goal", "does", "bound by default to", "needs a project"),
                PluginDescriptor.goals().stream()
                        .map(goal -> List.of(
                                "`shm:" + goal.name() + "`",
                                markdown(goal.description()),
                                goal.phase().isEmpty() ? "" : "`" + goal.phase() + "`",
                                goal.requiresProject() ? "yes" : "no")));
    }

    /** A parameter that several goals have in common is one row. */
    private static String parameters() {
        Map<List<String>, TreeSet<String>> goals = new LinkedHashMap<>();
        PluginDescriptor.goals()
                .forEach(goal -> goal.parameters()
                        .forEach(parameter -> goals.computeIfAbsent(
                                        List.of(
                                                "`" + parameter.property() + "`",
                                                parameter.defaultValue().isEmpty()
                                                        ? ""
                                                        : "`" + parameter.defaultValue() + "`",
                                                markdown(parameter.description())),
                                        key -> new TreeSet<>())
                                .add(goal.name())));
        long all = PluginDescriptor.goals().stream()
                .filter(goal -> !goal.name().equals("help"))
                .count();
        return table(
                List.of("property", "default", "meaning", "goals"),
                goals.entrySet().stream()
                        .sorted((a, b) -> a.getKey().get(0).compareTo(b.getKey().get(0)))
                        .map(entry -> Stream.concat(
                                        entry.getKey().stream(),
                                        Stream.of(
                                                entry.getValue().size() == all
                                                        ? "all"
                                                        : String.join(", ", entry.getValue())))
                                .toList()));
    }

    private static String attributes(String annotation) {
        return table(
                List.of("attribute", "type", "default", "meaning"),
                ATTRIBUTE
                        .matcher(Sources.text(JUNIT + annotation + ".java"))
                        .results()
                        .map(attribute -> List.of(
                                "`" + attribute.group(3) + "`",
                                "`" + attribute.group(2).strip() + "`",
                                attribute.group(4) == null
                                        ? ""
                                        : "`"
                                                + attribute
                                                        .group(4)
                                                        .replaceAll("\\s+(?=})", "")
                                                        .replaceAll(",\\s+", "`, `")
                                                + "`",
                                description(attribute))));
    }

    private static String constants(String head, String file, String type) {
        String text = Sources.text(file);
        Matcher body = Pattern.compile("enum " + type + " \\{(.*?)}", Pattern.DOTALL)
                .matcher(text.replaceAll("\\{@(code|link) ([^}]*)}", "@@$2@@"));
        if (!body.find()) {
            throw new IllegalArgumentException(file + " has no enum " + type);
        }
        return table(
                List.of(head, "meaning"),
                CONSTANT.matcher(body.group(1) + "\n")
                        .results()
                        .map(constant -> List.of(
                                "`" + constant.group(2) + "`",
                                description(constant).replace("@@", "`"))));
    }

    /** The Javadoc that a match begins with: what it says before its first block tag, and what it returns. */
    private static String description(MatchResult match) {
        String text = match.group(1).replaceAll("\n\\s*\\*", "\n");
        String body = text.replaceFirst("(?s)\n\\s*@.*", "");
        Matcher returned =
                Pattern.compile("@return (.*?)(?=\n\\s*@|$)", Pattern.DOTALL).matcher(text);
        return markdown(body) + (returned.find() ? " *Value:* " + markdown(returned.group(1)) + "." : "");
    }

    /** Javadoc as Markdown, on one line, fit for a cell. */
    private static String markdown(String javadoc) {
        return javadoc.replaceAll("\\{@link +(?:[a-z]+\\.)*([^}]*)}", "`$1`")
                .replaceAll("\\{@code +([^}]*)}", "`$1`")
                .replaceAll("</?code>", "`")
                .replaceAll("</?p>", " ")
                .replaceAll("<(?=[a-z/])", "&lt;")
                .replace("|", "\\|")
                .replaceAll("\\s+", " ")
                .strip();
    }

    private static String table(List<String> head, Stream<List<String>> rows) {
        return Stream.concat(Stream.of(head, head.stream().map(column -> "---").toList()), rows)
                .map(cells -> "| " + String.join(" | ", cells) + " |\n")
                .collect(joining());
    }
}
