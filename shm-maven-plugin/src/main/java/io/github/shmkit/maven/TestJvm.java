package io.github.shmkit.maven;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.PluginParameterExpressionEvaluator;
import org.apache.maven.toolchain.Toolchain;
import org.apache.maven.toolchain.ToolchainManager;
import org.codehaus.plexus.component.configurator.expression.ExpressionEvaluationException;
import org.codehaus.plexus.component.repository.exception.ComponentLookupException;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.jspecify.annotations.Nullable;

/** Which JVM a goal of Surefire's or Failsafe's is about to start for tests. */
final class TestJvm {
    private static final String JDK = "jdk";
    private static final List<String> SKIPPING = List.of("skip", "skipExec", "skipITs", "skipTests");

    private final MavenSession session;
    private final MojoExecution goal;

    TestJvm(MavenSession session, MojoExecution goal) {
        this.session = session;
        this.goal = goal;
    }

    /** Whether it starts any, rather than run the tests in Maven's own. */
    boolean isForked() {
        return !parameter("forkCount")
                        .map(text -> text.trim().matches("0+(\\.0*)?C?"))
                        .orElse(false)
                && !parameter("forkMode").map("never"::equals).orElse(false);
    }

    /** Whether it starts none at all: it is told to skip the tests, or there are none. As Surefire has it. */
    boolean hasNothingToDo() {
        return SKIPPING.stream()
                        .anyMatch(name -> parameter(name).map(Boolean::valueOf).orElse(false))
                || hasNoClasses();
    }

    private boolean hasNoClasses() {
        Path project = session.getCurrentProject().getBasedir().toPath();
        boolean missing = parameter("testClassesDirectory")
                .map(folder -> !Files.exists(project.resolve(folder)))
                .orElse(false);
        Xpp3Dom others = element("dependenciesToScan");
        return missing
                && (others == null || others.getChildCount() == 0)
                && parameter("dependenciesToScan").isEmpty();
    }

    /** The user's word, or his toolchain, or Maven's own: in this order, as Surefire has it. */
    Path java() {
        return parameter("jvm")
                .or(this::ofToolchain)
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("java.home"), "bin", "java"))
                .toAbsolutePath();
    }

    /** Has it start another one. */
    void replace(Path java) {
        Xpp3Dom configuration =
                goal.getConfiguration() == null ? new Xpp3Dom("configuration") : goal.getConfiguration();
        Xpp3Dom jvm = configuration.getChild("jvm");
        if (jvm == null) {
            jvm = new Xpp3Dom("jvm");
            configuration.addChild(jvm);
        }
        jvm.setValue(java.toString());
        goal.setConfiguration(configuration); // in Maven 4, what it gave us was a copy
    }

    private @Nullable Xpp3Dom element(String name) {
        return goal.getConfiguration() == null ? null : goal.getConfiguration().getChild(name);
    }

    /** What the user gave, or else the default. */
    private Optional<String> parameter(String name) {
        Xpp3Dom element = element(name);
        return element == null
                ? Optional.empty()
                : evaluated(element.getValue()).or(() -> evaluated(element.getAttribute("default-value")));
    }

    private Optional<String> evaluated(@Nullable String expression) {
        if (expression == null) {
            return Optional.empty();
        }
        try {
            Object value = new PluginParameterExpressionEvaluator(session, goal).evaluate(expression);
            return Optional.ofNullable(value).map(String::valueOf).filter(text -> !text.isBlank());
        } catch (ExpressionEvaluationException e) {
            return Optional.empty(); // the goal will say so itself
        }
    }

    @SuppressWarnings("deprecation") // the one way that there is from Maven 3.6 to 4
    private Optional<String> ofToolchain() {
        try {
            ToolchainManager manager = (ToolchainManager) session.lookup(ToolchainManager.class.getName());
            Map<String, String> wanted = wantedToolchain();
            List<Toolchain> matching = wanted.isEmpty() ? List.of() : manager.getToolchains(session, JDK, wanted);
            Toolchain toolchain =
                    matching.isEmpty() ? manager.getToolchainFromBuildContext(JDK, session) : matching.get(0);
            return Optional.ofNullable(toolchain).map(jdk -> jdk.findTool("java"));
        } catch (ComponentLookupException e) {
            return Optional.empty(); // nor has Surefire one then
        }
    }

    private Map<String, String> wantedToolchain() {
        Xpp3Dom element = element("jdkToolchain");
        Map<String, String> wanted = new HashMap<>();
        if (element != null) {
            for (Xpp3Dom requirement : element.getChildren()) {
                wanted.put(requirement.getName(), requirement.getValue());
            }
        }
        return wanted;
    }
}
