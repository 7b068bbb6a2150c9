package io.github.shmkit.guide;

import io.github.shmkit.junit.internal.Setting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Looks in text for goals, parameters and settings that do not exist. */
final class Commands {
    private static final Pattern GOAL = Pattern.compile("\\b(?:shm|shm-maven-plugin:[^:\\s]+):([a-z]+)\\b");
    private static final Pattern PARAMETER = Pattern.compile("(?<![\\w./-])(?:-D)?(shm\\.[a-zA-Z]+)\\b");
    private static final Pattern SETTING =
            Pattern.compile("(?<![\\w./-])(?:-D)?(shmkit\\.[a-z][a-z.]*[a-z])\\b(?!\\w)");
    private static final Pattern VERSION = Pattern.compile("\\bshm-(?:junit|maven-plugin):([0-9][^:\\s'\"`]*)");
    /** Neither of the goals nor of the extension: for the quickstart's pom, the benchmarks, and builds without a C compiler. */
    private static final Set<String> OTHERS = Set.of("shmkit.version", "shmkit.bench.only", "shmkit.prebuilt");

    private Commands() {}

    /** What it names that is not. */
    static List<String> unknown(String text) {
        Set<String> goals = PluginDescriptor.goals().stream()
                .map(PluginDescriptor.Goal::name)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> settings = Arrays.stream(Setting.values()).map(Setting::key).collect(Collectors.toSet());
        settings.addAll(OTHERS);

        List<String> unknown = new ArrayList<>();
        unknown.addAll(strangers("goal", GOAL, text, goals));
        unknown.addAll(strangers("parameter", PARAMETER, text, PluginDescriptor.properties()));
        unknown.addAll(strangers("setting", SETTING, text, settings));
        unknown.addAll(strangers("version", VERSION, text, Set.of(Sources.version())));
        text.lines().forEach(line -> unknown.addAll(misplaced(line)));
        return unknown;
    }

    private static List<String> strangers(String what, Pattern pattern, String text, Set<String> known) {
        return pattern.matcher(text)
                .results()
                .map(match -> match.group(1))
                .filter(name -> !known.contains(name))
                .map(name -> what + " " + name)
                .distinct()
                .toList();
    }

    /** Parameters of a command line whose goals do not have them. */
    private static List<String> misplaced(String line) {
        List<PluginDescriptor.Goal> called = PluginDescriptor.goals().stream()
                .filter(goal -> line.matches(".*\\bmvn .*:" + goal.name() + "\\b.* -Dshm\\..*"))
                .toList();
        return called.isEmpty()
                ? List.of()
                : strangers(
                        "parameter of " + called.get(0).name(),
                        PARAMETER,
                        line,
                        called.stream()
                                .flatMap(goal -> goal.parameters().stream())
                                .map(PluginDescriptor.Parameter::property)
                                .collect(Collectors.toSet()));
    }
}
