package io.github.shmkit.internal.helper;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The command line of a JVM helper, made from that of this JVM.
 *
 * @param agents whether the parent's agents are wanted
 * @param debug whether it is to wait for a debugger
 * @param own the user's, which come last and so win
 */
record JvmArguments(boolean agents, boolean debug, List<String> own) {
    static final JvmArguments PLAIN = new JvmArguments(false, false, List.of());

    private static final String NATIVE_ACCESS = "--enable-native-access";
    private static final Pattern AGENT = Pattern.compile("-(javaagent|agentlib|agentpath|Xrun\\w+):?.*|-Xdebug");
    private static final Pattern DEBUGGER = Pattern.compile("-agentlib:jdwp.*|-Xrunjdwp.*|-Xdebug");
    /** What two JVMs must not share, what would make it slow, and what we say ourselves. */
    private static final Pattern DROPPED = Pattern.compile("-XX:\\w*File\\w*=.*"
            + "|-Xm[xsn].*|-XX:(Max|Min|Initial|Soft)\\w*(Heap|RAM)\\w*=.*|-XX:(New|MaxNew|Old)Size=.*"
            + "|-XX:[+-]Use\\w*GC|-Xlog:.*file=.*|-Xloggc:.*|-Xshare:.*|-XX:TieredStopAtLevel=.*"
            + "|-XX:Flags=.*|-Xbootclasspath/a:.*jacoco.*"
            + "|-Dcom\\.sun\\.management\\.jmxremote.*|-Djava\\.class\\.path=.*|-Djdk\\.module\\.(path|main).*"
            + "|--module-path=.*|--class-path=.*");

    JvmArguments {
        own = List.copyOf(own);
    }

    /** What this JVM is, as far as another one needs it. */
    record Parent(List<String> options, String classPath, String modulePath, String mainModule) {
        Parent {
            options = List.copyOf(options);
        }

        static Parent current() {
            return new Parent(
                    java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments(),
                    ClassPath.current(),
                    System.getProperty("jdk.module.path", ""),
                    System.getProperty("jdk.module.main", ""));
        }
    }

    /**
     * All arguments behind {@code java}, up to the main class.
     *
     * @param errorDirectory where the JVM writes of a crash of its own
     * @param module that our own code is in; empty if it is on the class path
     */
    List<String> of(Parent parent, Path errorDirectory, String module) {
        List<String> arguments = new ArrayList<>();
        Set<String> nativeAccess = new LinkedHashSet<>();
        for (String option : parent.options()) {
            if (option.startsWith(NATIVE_ACCESS + "=")) {
                nativeAccess.addAll(
                        List.of(option.substring(NATIVE_ACCESS.length() + 1).split(",", -1)));
            } else if (isInherited(option)) {
                arguments.add(option);
            }
        }
        nativeAccess.add("ALL-UNNAMED");
        arguments.add(NATIVE_ACCESS + "=" + String.join(",", nativeAccess));
        arguments.add("-XX:ErrorFile=" + errorDirectory.resolve("hs_err_%p.log"));
        arguments.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
        arguments.add("-XX:-UsePerfData"); // a file in /tmp, which whoever is killed leaves
        if (debug) {
            arguments.add("-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=localhost:0");
        }
        if (!parent.modulePath().isEmpty()) {
            arguments.add("--module-path=" + parent.modulePath());
        }
        if (!parent.mainModule().isEmpty()) {
            arguments.add("--add-modules=" + parent.mainModule().replaceAll("/.*", ""));
        }
        if (!module.isEmpty()) {
            arguments.add("--add-modules=" + module);
        }
        if (!parent.classPath().isEmpty()) {
            arguments.add("-cp");
            arguments.add(parent.classPath());
        }
        arguments.addAll(own);
        return arguments;
    }

    private boolean isInherited(String option) {
        if (AGENT.matcher(option).matches()) {
            return agents && !DEBUGGER.matcher(option).matches();
        }
        return !DROPPED.matcher(option).matches();
    }

    /** The contents of an argument file, see the manual of {@code java}. */
    static String file(List<String> arguments) {
        StringBuilder text = new StringBuilder();
        for (String argument : arguments) {
            text.append('"')
                    .append(argument.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"))
                    .append("\"\n");
        }
        return text.toString();
    }
}
