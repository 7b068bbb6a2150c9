package io.github.shmkit.junit;

import io.github.shmkit.SegmentKind;
import io.github.shmkit.junit.internal.Setting;
import io.github.shmkit.junit.internal.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The settings of one class and of the classes nested in it; and the place where all settings are explained.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final ShmSettings SETTINGS = ShmSettings.builder().leakPolicy(LeakPolicy.WARN).build();
 * }</pre>
 *
 * <p>What no {@code ShmSettings} says comes from a JUnit configuration parameter, then from a system property, of the same
 * name. A system property that begins with {@code shmkit.} and is none of these is an error.
 *
 * <table>
 * <caption>All settings</caption>
 * <tr><th>name</th><th>type</th><th>default</th><th>meaning</th></tr>
 * <tr><td>{@code shmkit.kind.default}</td><td>{@link SegmentKind}</td><td>{@code POSIX_SHM}</td>
 * <td>of an {@link Shm} that names no kind</td></tr>
 * <tr><td>{@code shmkit.timeout}</td><td>time: {@code 500 ms}, {@code 30 s}, {@code 2 m}</td><td>30 s</td>
 * <td>the limit of every wait that names none</td></tr>
 * <tr><td>{@code shmkit.timeout.factor}</td><td>number above 0</td><td>1</td>
 * <td>multiplies every limit on waiting that the test does not set itself</td></tr>
 * <tr><td>{@code shmkit.leak.policy}</td><td>{@link LeakPolicy}</td><td>{@code FAIL}</td>
 * <td>what becomes of a leak</td></tr>
 * <tr><td>{@code shmkit.artifacts.dir}</td><td>path</td>
 * <td>{@code target/shmkit/artifacts}, {@code build/shmkit/artifacts} where there is no {@code target},
 * {@code shmkit-UID/artifacts} in {@code java.io.tmpdir} where there is neither</td>
 * <td>where the reports of failed tests go</td></tr>
 * <tr><td>{@code shmkit.seed}</td><td>64-bit number</td><td>another one for each run</td>
 * <td>of all that is random; a failed test tells it</td></tr>
 * <tr><td>{@code shmkit.unsupported}</td><td>{@code SKIP}, {@code FAIL}</td><td>{@code SKIP}</td>
 * <td>what becomes of a test for a kind that this machine does not have</td></tr>
 * <tr><td>{@code shmkit.helper.path}</td><td>path</td><td>the packed one</td>
 * <td>of the native helper program; for the whole run</td></tr>
 * <tr><td>{@code shmkit.helpers.max}</td><td>number above 0</td><td>256</td>
 * <td>helpers that one test may have alive at a time</td></tr>
 * <tr><td>{@code shmkit.stack.full}</td><td>{@code true}, {@code false}</td><td>{@code false}</td>
 * <td>keeps the frames of shmkit above the caller's line in stack traces; a system property only, for the whole run</td></tr>
 * <tr><td>{@code shmkit.crash.point}</td><td>number of a store, 0 for before the first</td><td>all</td>
 * <td>the only one at which an {@link EachCrashPoint} kills its program, to repeat an invocation that failed</td></tr>
 * <tr><td>{@code shmkit.pause.point}</td><td>number of an access, 0 for before the first</td><td>all</td>
 * <td>the only one after which an {@link EachPause} holds its program, to repeat an invocation that failed</td></tr>
 * <tr><td>{@code shmkit.schedule}</td><td>names with numbers of accesses, such as {@code a*6 b*2}</td><td>all</td>
 * <td>the only order of accesses that an {@link EachInterleaving} runs, to repeat one that failed</td></tr>
 * <tr><td>{@code shmkit.debug}</td><td>{@code true}, {@code false}</td><td>whether a debugger can attach</td>
 * <td>no wait is too long: somebody may be at a breakpoint</td></tr>
 * </table>
 *
 * @since 0.1.0
 */
public final class ShmSettings implements BeforeAllCallback, BeforeEachCallback {
    private final Map<Setting, String> values;

    private ShmSettings(Map<Setting, String> values) {
        this.values = Map.copyOf(values);
        Settings.from(key -> Optional.empty()).with(values); // complains now, where the class is
    }

    /**
     * Begins with nothing set.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    Map<Setting, String> values() {
        return values;
    }

    /**
     * Does nothing: whoever needs settings looks for them.
     *
     * @param context the class
     */
    @Override
    public void beforeAll(ExtensionContext context) {}

    /**
     * Rejects settings that could not hold for what happens before the first test.
     *
     * @param context the test
     */
    @Override
    public void beforeEach(ExtensionContext context) {
        if (Sessions.declaredSettings(context).noneMatch(settings -> settings == this)) {
            throw new ExtensionConfigurationException(
                    "a ShmSettings in " + context.getRequiredTestClass().getName()
                            + " is not in a static field; make its field static, with @RegisterExtension");
        }
    }

    /**
     * Collects settings; each may be left away.
     *
     * @since 0.1.0
     */
    public static final class Builder {
        private final Map<Setting, String> values = new EnumMap<>(Setting.class);

        private Builder() {}

        private Builder set(Setting setting, Object value) {
            values.put(setting, value.toString());
            return this;
        }

        /**
         * Sets {@code shmkit.kind.default}.
         *
         * @param kind of segments for which nobody named one
         * @return this
         */
        public Builder kind(SegmentKind kind) {
            return set(Setting.KIND_DEFAULT, kind);
        }

        /**
         * Sets {@code shmkit.timeout}.
         *
         * @param max the limit of every wait that names none, at least 1 ms
         * @return this
         */
        public Builder timeout(Duration max) {
            return set(Setting.TIMEOUT, max.toMillis() + " ms");
        }

        /**
         * Sets {@code shmkit.timeout.factor}.
         *
         * @param factor above 0
         * @return this
         */
        public Builder timeoutFactor(double factor) {
            return set(Setting.TIMEOUT_FACTOR, factor);
        }

        /**
         * Sets {@code shmkit.leak.policy}.
         *
         * @param policy what becomes of a leak
         * @return this
         */
        public Builder leakPolicy(LeakPolicy policy) {
            return set(Setting.LEAK_POLICY, policy);
        }

        /**
         * Sets {@code shmkit.artifacts.dir}.
         *
         * @param folder where the reports of failed tests go
         * @return this
         */
        public Builder artifactsDir(Path folder) {
            return set(Setting.ARTIFACTS_DIR, folder);
        }

        /**
         * Sets {@code shmkit.unsupported}.
         *
         * @param unsupported what becomes of a test for a kind that this machine does not have
         * @return this
         */
        public Builder unsupported(EachSegmentKind.Unsupported unsupported) {
            return set(Setting.UNSUPPORTED, unsupported);
        }

        /**
         * Sets {@code shmkit.helpers.max}.
         *
         * @param max helpers that one test may have alive at a time
         * @return this
         */
        public Builder helpersMax(int max) {
            return set(Setting.HELPERS_MAX, max);
        }

        /**
         * Sets {@code shmkit.debug}.
         *
         * @param debug whether no wait is too long
         * @return this
         */
        public Builder debug(boolean debug) {
            return set(Setting.DEBUG, debug);
        }

        /**
         * Ends it.
         *
         * @return the settings
         * @throws IllegalArgumentException if a value is not possible
         */
        public ShmSettings build() {
            return new ShmSettings(values);
        }
    }
}
