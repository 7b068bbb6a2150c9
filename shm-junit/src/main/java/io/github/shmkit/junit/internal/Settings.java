package io.github.shmkit.junit.internal;

import io.github.shmkit.SegmentKind;
import io.github.shmkit.internal.helper.Timeouts;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The settings that hold for a class, or for the whole run. */
public final class Settings {
    /** What becomes of a leak. */
    public enum LeakPolicy {
        FAIL,
        WARN,
        OFF
    }

    /** What becomes of a test for a kind that this machine does not have. */
    public enum Unsupported {
        SKIP,
        FAIL
    }

    private static final int HELPERS_MAX_DEFAULT = 256;
    private static final Pattern TIME = Pattern.compile("(\\d+) *(ms|s|m|)");
    private static final boolean DEBUGGED = isDebugged();

    private final Map<Setting, String> values;
    private final SegmentKind kind;
    private final Timeouts timeouts;
    private final LeakPolicy leakPolicy;
    private final Unsupported unsupported;
    private final OptionalLong seed;
    private final int helpersMax;
    private final OptionalLong crashPoint;
    private final OptionalLong pausePoint;
    private final Optional<Schedule> schedule;
    private final boolean debug;

    private Settings(Map<Setting, String> values) {
        this.values = values;
        this.kind = read(Setting.KIND_DEFAULT, "", name -> constant(SegmentKind.class, name))
                .orElse(SegmentKind.POSIX_SHM);
        this.timeouts = new Timeouts(
                read(Setting.TIMEOUT, "a time such as 500 ms, 30 s or 2 m", Settings::time)
                        .orElse(Timeouts.DEFAULT_PATIENCE),
                read(Setting.TIMEOUT_FACTOR, "a number above 0", Settings::factor)
                        .orElse(1.0));
        this.leakPolicy = read(Setting.LEAK_POLICY, "", name -> constant(LeakPolicy.class, name))
                .orElse(LeakPolicy.FAIL);
        this.unsupported = read(Setting.UNSUPPORTED, "", name -> constant(Unsupported.class, name))
                .orElse(Unsupported.SKIP);
        this.seed = read(Setting.SEED, "a whole number of 64 bits", Long::valueOf)
                .map(OptionalLong::of)
                .orElseGet(OptionalLong::empty);
        this.helpersMax = read(Setting.HELPERS_MAX, "a whole number above 0", Settings::positive)
                .orElse(HELPERS_MAX_DEFAULT);
        var unused =
                read(Setting.STACK_FULL, "true or false", Settings::truth); // UserStack looks, before settings are read
        this.crashPoint = read(Setting.CRASH_POINT, "a whole number, at least 0", Settings::notNegative)
                .map(OptionalLong::of)
                .orElseGet(OptionalLong::empty);
        this.pausePoint = read(Setting.PAUSE_POINT, "a whole number, at least 0", Settings::notNegative)
                .map(OptionalLong::of)
                .orElseGet(OptionalLong::empty);
        this.schedule = read(Setting.SCHEDULE, "names with numbers of accesses, such as a*6 b*2", Schedule::parse);
        this.debug = read(Setting.DEBUG, "true or false", Settings::truth).orElse(DEBUGGED);
    }

    /**
     * Reads all of them.
     *
     * @param source gives a property's value
     * @throws IllegalArgumentException if a value cannot be meant
     */
    public static Settings from(Function<String, Optional<String>> source) {
        Map<Setting, String> values = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            source.apply(setting.key())
                    .filter(value -> !value.isBlank())
                    .ifPresent(value -> values.put(setting, value));
        }
        return new Settings(values);
    }

    /** These, except where others say something. */
    public Settings with(Map<Setting, String> others) {
        Map<Setting, String> both = new EnumMap<>(Setting.class);
        both.putAll(values);
        both.putAll(others);
        return new Settings(both);
    }

    private <T> Optional<T> read(Setting setting, String expected, Function<String, T> parser) {
        return Optional.ofNullable(values.get(setting)).map(value -> {
            try {
                return parser.apply(value.strip());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(setting.key() + " = " + value + ": must be " + expected, e);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(setting.key() + " = " + value + ": " + e.getMessage(), e);
            }
        });
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String name) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.name().equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("must be one of " + Arrays.toString(type.getEnumConstants())));
    }

    private static double factor(String text) {
        double factor = Double.parseDouble(text);
        if (!(factor > 0) || Double.isInfinite(factor)) {
            throw new NumberFormatException(text);
        }
        return factor;
    }

    /** As @Timeout's configuration parameters have it; seconds where no unit is given. */
    private static Duration time(String text) {
        Matcher matcher = TIME.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new NumberFormatException(text);
        }
        long number = positive(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofSeconds(number);
        };
    }

    private static int positive(String text) {
        int number = Integer.parseInt(text);
        if (number < 1) {
            throw new NumberFormatException(text);
        }
        return number;
    }

    private static long notNegative(String text) {
        long number = Long.parseLong(text);
        if (number < 0) {
            throw new NumberFormatException(text);
        }
        return number;
    }

    private static boolean truth(String text) {
        if (text.equals("true") || text.equals("false")) {
            return text.equals("true");
        }
        throw new NumberFormatException(text);
    }

    /** As JUnit's @Timeout with mode DISABLED_ON_DEBUG finds it out. */
    private static boolean isDebugged() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .anyMatch(argument -> argument.startsWith("-agentlib:jdwp") || argument.startsWith("-Xrunjdwp"));
    }

    /** Of a segment for which nobody named one. */
    public SegmentKind kind() {
        return kind;
    }

    /** How long to wait. */
    public Timeouts timeouts() {
        return timeouts;
    }

    /** The limit of a wait that names none. */
    public Duration timeout() {
        return scaled(timeouts.patience());
    }

    /** A limit of ours, longer or shorter as the setting says. */
    public Duration scaled(Duration limit) {
        return Duration.ofNanos((long) (limit.toNanos() * timeouts.factor()));
    }

    public LeakPolicy leakPolicy() {
        return leakPolicy;
    }

    public Unsupported unsupported() {
        return unsupported;
    }

    /** The only store after which a program is killed; empty for all. */
    public OptionalLong crashPoint() {
        return crashPoint;
    }

    /** The only access after which a program is held; empty for all. */
    public OptionalLong pausePoint() {
        return pausePoint;
    }

    /** The only order in which programs make their accesses; empty for all. */
    public Optional<Schedule> schedule() {
        return schedule;
    }

    /** Empty where each run has another one. */
    public OptionalLong seed() {
        return seed;
    }

    /** Helpers that one test may have alive. */
    public int helpersMax() {
        return helpersMax;
    }

    /** Whether somebody may be at a breakpoint: then no wait is too long. */
    public boolean debug() {
        return debug;
    }

    /** Where the failure reports go; empty for the usual place. */
    public Optional<String> artifactsDir() {
        return Optional.ofNullable(values.get(Setting.ARTIFACTS_DIR));
    }

    /** The native program to use; empty for the packed one. */
    public Optional<String> helperPath() {
        return Optional.ofNullable(values.get(Setting.HELPER_PATH));
    }
}
