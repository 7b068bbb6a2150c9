package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.shmkit.Fill;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.junit.internal.Setting;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Script;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** Settings by configuration parameter, system property and {@link ShmSettings}. System properties are for all threads. */
@Isolated
class SettingsTests {
    static class KindCase {
        static final Queue<SegmentKind> KINDS = new ConcurrentLinkedQueue<>();

        @Test
        void test(@Shm Segment segment) {
            KINDS.add(segment.kind());
        }
    }

    private static NestedRun with(String name, String value, Class<?> testClass) {
        return new NestedRun(
                NestedRun.engine(testClass).configurationParameter(name, value).execute());
    }

    @Test
    void aConfigurationParameterComesBeforeASystemProperty() {
        System.setProperty("shmkit.kind.default", "SYSV_SHM");
        try {
            with("shmkit.kind.default", "memfd", KindCase.class).allPassed(1);
            new NestedRun(NestedRun.engine(KindCase.class)
                            .enableImplicitConfigurationParameters(true)
                            .execute())
                    .allPassed(1);
        } finally {
            System.clearProperty("shmkit.kind.default");
        }

        assertThat(KindCase.KINDS).containsExactly(SegmentKind.MEMFD, SegmentKind.SYSV_SHM);
    }

    static class OwnSettingsCase {
        static final Queue<SegmentKind> KINDS = new ConcurrentLinkedQueue<>();

        @RegisterExtension
        static final ShmSettings SETTINGS =
                ShmSettings.builder().kind(SegmentKind.MEMFD).build();

        @Shm
        static Segment ofClass;

        @Test
        void test(@Shm Segment segment) {
            KINDS.add(segment.kind());
            KINDS.add(ofClass.kind());
        }

        @Nested
        class Inner {
            @Test
            void test(@Shm Segment segment) {
                KINDS.add(segment.kind());
            }
        }
    }

    @Test
    void whatAClassSaysComesBeforeBothAndHoldsForNestedClassesAndStaticFieldsToo() {
        with("shmkit.kind.default", "SYSV_SHM", OwnSettingsCase.class).allPassed(2);

        assertThat(OwnSettingsCase.KINDS).hasSize(3).containsOnly(SegmentKind.MEMFD);
    }

    @ExtendWith(ShmExtension.class)
    static class InstanceFieldCase {
        @RegisterExtension
        final ShmSettings settings = ShmSettings.builder().build();

        @Test
        void test() {}
    }

    @Test
    void settingsInAnInstanceFieldAreAnError() {
        assertThat(NestedRun.of(InstanceFieldCase.class).failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessage("a ShmSettings in " + InstanceFieldCase.class.getName()
                        + " is not in a static field; make its field static, with @RegisterExtension");
    }

    @Test
    void theVersionThatAPomNamesIsNoMisspeltSetting() {
        System.setProperty("shmkit.version", "1");
        try {
            assertThat(Setting.misspelt(System.getProperties().stringPropertyNames()))
                    .isEmpty();
        } finally {
            System.clearProperty("shmkit.version");
        }
    }

    @Test
    void anUnknownSystemPropertyIsAnErrorThatNamesTheNearestKnownOne() {
        System.setProperty("shmkit.leek.policy", "WARN");
        try {
            assertThat(NestedRun.of(KindCase.class).failure())
                    .hasMessageContaining("@Shm on parameter ")
                    .hasMessageContaining(
                            "there is no setting shmkit.leek.policy; did you mean shmkit.leak.policy? The "
                                    + "system property must be one of shmkit.artifacts.dir, shmkit.crash.point, ");
        } finally {
            System.clearProperty("shmkit.leek.policy");
        }
    }

    @Test
    void aValueThatCannotBeMeantIsAnErrorThatTellsWhatCan() {
        assertThat(with("shmkit.leak.policy", "LOUD", KindCase.class).failure())
                .hasMessageContaining("shmkit.leak.policy = LOUD: must be one of [FAIL, WARN, OFF]");
        assertThat(with("shmkit.timeout.factor", "0", KindCase.class).failure())
                .hasMessageContaining("shmkit.timeout.factor = 0: must be a number above 0");
        assertThat(with("shmkit.helpers.max", "many", KindCase.class).failure())
                .hasMessageContaining("shmkit.helpers.max = many: must be a whole number above 0");
        assertThat(with("shmkit.debug", "maybe", KindCase.class).failure())
                .hasMessageContaining("shmkit.debug = maybe: must be true or false");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ShmSettings.builder().timeoutFactor(-1).build())
                .withMessageContaining("shmkit.timeout.factor = -1.0");
    }

    @ExtendWith(ShmExtension.class)
    static class TwoHelpersCase {
        @Test
        void test(ShmTestkit kit) {
            NativeHelper one = kit.nativeHelper("one").start();
            one.run(Script.of(b -> b.exit(0)));
            one.awaitExit();
            kit.nativeHelper("two").start();
            kit.nativeHelper("three").start();
        }
    }

    @Test
    void moreHelpersThanMayBeAtATimeAreAnError() {
        assertThat(with("shmkit.helpers.max", "1", TwoHelpersCase.class).failure())
                .hasMessage("test " + TwoHelpersCase.class.getName() + "#test has 1 helpers, and may have no more at a "
                        + "time; end some, or raise shmkit.helpers.max");
        with("shmkit.helpers.max", "2", TwoHelpersCase.class).allPassed(1);
    }

    @ExtendWith(ShmExtension.class)
    static class WaitCase {
        @Test
        void test(ShmTestkit kit) {
            kit.await().until(() -> false);
        }
    }

    @Test
    void theFactorStretchesAndShrinksLimitsThatTheTestDidNotSet() {
        assertThat(with("shmkit.timeout.factor", "0.01", WaitCase.class).failure())
                .hasMessageMatching("(?s)waiting for a condition to hold: not within \\d\\.\\d s.*");
    }

    @ExtendWith(ShmExtension.class)
    static class DebugCase {
        @Test
        void test(ShmTestkit kit) {
            long start = System.nanoTime();
            kit.await()
                    .atMost(Duration.ofMillis(20))
                    .until(() ->
                            System.nanoTime() - start > Duration.ofMillis(200).toNanos());
        }
    }

    @Test
    void whileSomebodyMayBeAtABreakpointNoWaitIsTooLong() {
        with("shmkit.debug", "true", DebugCase.class).allPassed(1);
        assertThat(with("shmkit.debug", "false", DebugCase.class).failure())
                .as("control")
                .hasMessageContaining("not within ");
    }

    @ExtendWith(ShmExtension.class)
    static class SeedCase {
        static final Queue<List<Object>> DRAWN = new ConcurrentLinkedQueue<>();

        @Test
        void test(@Shm(fill = Fill.RANDOM) Segment segment, ShmTestkit kit) {
            DRAWN.add(List.of(kit.random().nextLong(), kit.random().nextLong(), segment.getLong(4088)));
            throw new AssertionError("to see the seed");
        }
    }

    @Test
    void theSameSeedBringsTheSameAgainAndAFailureTellsIt() {
        assertThat(NestedRun.diagnostics(
                        with("shmkit.seed", "4711", SeedCase.class).failure()))
                .startsWith("state of test " + SeedCase.class.getName()
                        + "#test; seed 4711, again with -Dshmkit.seed=4711\n");
        with("shmkit.seed", "4711", SeedCase.class);
        with("shmkit.seed", "4712", SeedCase.class);
        NestedRun.of(SeedCase.class);

        List<List<Object>> drawn = List.copyOf(SeedCase.DRAWN);
        assertThat(drawn.get(1)).isEqualTo(drawn.get(0));
        assertThat(drawn.get(0)).doesNotHaveDuplicates();
        assertThat(List.of(drawn.get(0), drawn.get(2), drawn.get(3)))
                .as("control: other seeds")
                .doesNotHaveDuplicates();
    }
}
