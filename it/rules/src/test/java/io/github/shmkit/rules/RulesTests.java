package io.github.shmkit.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.shmkit.Signal;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.syscall.Linux;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** That the rules are all there, say it with the public API, and can fail. */
class RulesTests {
    private static final List<Class<?>> ALL = List.of(
            MmapTests.class, PosixShmTests.class, SysvShmTests.class, SynchronisationTests.class, IsolationTests.class);

    /** What failures leave that are meant. */
    @TempDir
    Path reports;

    private static final Path SOURCES = Path.of("src/test/java/io/github/shmkit/rules");

    @Test
    void everyIdIsATestThatIsNamedAfterIt() {
        List<Method> rules = ALL.stream()
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Rule.class))
                .toList();

        assertThat(rules)
                .extracting(rule -> rule.getAnnotation(Rule.class).id())
                .containsExactlyInAnyOrderElementsOf(Catalogue.ids());
        assertThat(rules)
                .allSatisfy(rule -> assertThat(rule.getName())
                        .isEqualTo(rule.getAnnotation(Rule.class).id().toLowerCase(Locale.ROOT)));
    }

    /** No JNA, no other way to the C library, and nothing of ours that a user does not have. */
    @Test
    void theRulesAreSaidWithThePublicApi() {
        assertThat(ALL)
                .allSatisfy(type -> assertThat(SOURCES.resolve(type.getSimpleName() + ".java"))
                        .content()
                        .contains("import io.github.shmkit.")
                        .doesNotContain(
                                "com.sun.",
                                "java.lang.foreign",
                                "sun.misc",
                                "shmkit." + "internal",
                                "java.lang.reflect"));
        assertThat(SOURCES.resolve("Lab.java")).content().doesNotContain("com.sun.", "shmkit." + "internal");
    }

    @Test
    void everyRuleFailsIfItsExpectationIsChanged() {
        EngineExecutionResults results = run("true", ALL);

        results.testEvents()
                .assertStatistics(stats ->
                        stats.started(Catalogue.ids().size()).succeeded(0).skipped(0));
        assertThat(failures(results))
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("something else than"));
    }

    /** The claims of tutorials, as if they were rules. */
    @ExtendWith(ShmExtension.class)
    static class WrongCase {
        private NativeHelper process;

        @BeforeEach
        void start(ShmTestkit kit) {
            process = kit.nativeHelper("process").start();
        }

        @Rule(id = "S6", says = "A segment of size 0 is ENOMEM.")
        void wrongError(Kernel kernel) {
            kernel.refuses(process.sys().shmget(Linux.IPC_PRIVATE, 0, 0600), "ENOMEM");
        }

        @Rule(id = "M1", says = "A mapping of length 0 is accepted.")
        void refusedAfterAll(Kernel kernel) {
            kernel.accepts(process.sys().mmap(0, 0, Lab.READ_WRITE, ANONYMOUS, -1, 0));
        }

        @Rule(id = "M4", says = "A private mapping is refused.")
        void acceptedAfterAll(Kernel kernel) {
            kernel.refuses(process.sys().mmap(0, 1, Lab.READ_WRITE, ANONYMOUS, -1, 0), "EACCES");
        }

        @Rule(id = "M16", says = "An access to what is not mapped is SIGBUS.")
        void wrongSignal(Kernel kernel) {
            kernel.kills(process, Signal.SIGBUS, "access", p -> p.at(0).getByte(0));
        }

        @Rule(id = "M18", says = "A read of mapped memory is SIGSEGV.")
        void noSignal(Kernel kernel) {
            long memory =
                    process.sys().mmap(0, 1, Lab.READ_WRITE, ANONYMOUS, -1, 0).orThrow();
            kernel.kills(process, Signal.SIGSEGV, "access", p -> p.at(memory).getByte(0));
        }

        @Rule(id = "M12", says = "The process has no number.")
        void wrongValue(Kernel kernel) {
            kernel.shows("pid", process.sys().getpid().value(), -1L);
        }

        private static final int ANONYMOUS = Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS;
    }

    @Test
    void wrongRulesFail() {
        EngineExecutionResults results = run("false", List.of(WrongCase.class));

        results.testEvents().assertStatistics(stats -> stats.started(6).failed(6));
        assertThat(failures(results))
                .extracting(
                        failure -> failure.getMessage().replaceAll("\\s+", " ").replaceAll("\\d+", "N"))
                .containsExactlyInAnyOrder(
                        "[shmget] expected: \"ENOMEM\" but was: \"EINVAL\"",
                        "[mmap] expected: \"accepted\" but was: \"EINVAL\"",
                        "[mmap] expected: \"EACCES\" but was: \"accepted\"",
                        "[access] expected: \"SIGBUS\" but was: \"SIGSEGV\"",
                        "[access] expected: \"SIGSEGV\" but was: \"nothing happened\"",
                        "[pid] expected: -NL but was: NL");
    }

    private EngineExecutionResults run(String changed, List<Class<?>> rules) {
        EngineTestKit.Builder engine = EngineTestKit.engine("junit-jupiter")
                .configurationParameter(RuleExtension.CHANGED, changed)
                .configurationParameter("shmkit.artifacts.dir", reports.toString());
        rules.forEach(type -> engine.selectors(selectClass(type)));
        return engine.execute();
    }

    private static List<Throwable> failures(EngineExecutionResults results) {
        return results.testEvents().failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .flatMap(result -> result.getThrowable().stream())
                .toList();
    }
}
