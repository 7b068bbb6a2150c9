package io.github.shmkit.junit;

import io.github.shmkit.Segment;
import io.github.shmkit.junit.internal.Backoff;
import io.github.shmkit.junit.internal.Settings;
import io.github.shmkit.junit.internal.Wait;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ThrowingRunnable;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A wait that watches the helpers of a context and of those around it. */
record SessionAwait(ExtensionContext context, String alias, UnaryOperator<ConditionFactory> settings)
        implements ShmAwait {

    SessionAwait(ExtensionContext context, String alias) {
        this(context, alias, UnaryOperator.identity());
    }

    @Override
    public ShmAwait atMost(Duration max) {
        return awaitility(factory -> factory.atMost(max));
    }

    @Override
    public ShmAwait awaitility(UnaryOperator<ConditionFactory> more) {
        return new SessionAwait(
                context,
                alias,
                factory -> Objects.requireNonNull(
                        more.apply(settings.apply(factory)), "awaitility(…) must return a ConditionFactory"));
    }

    @Override
    public void untilInt(Segment segment, long offset, Matcher<? super Integer> matcher) {
        until("int", segment, offset, segment::getIntVolatile, matcher);
    }

    @Override
    public void untilLong(Segment segment, long offset, Matcher<? super Long> matcher) {
        until("long", segment, offset, segment::getLongVolatile, matcher);
    }

    private <T> void until(
            String type, Segment segment, long offset, LongFunction<T> read, Matcher<? super T> matcher) {
        String what = "the " + type + " at offset " + offset + " of '" + segment.label() + "' to be " + words(matcher);
        Sessions.around(context).stream()
                .findFirst()
                .ifPresent(session -> session.evidence().awaits(segment, offset));
        until(what, new Wait.Condition() {
            private String seen = "";

            @Override
            public boolean holds() {
                T value = read.apply(offset);
                seen = "last value " + value;
                return matcher.matches(value);
            }

            @Override
            public String lastSeen() {
                return seen;
            }

            @Override
            public Optional<Segment> segment() {
                return Optional.of(segment);
            }
        });
    }

    /** As a person says it: "5" for Hamcrest's "is <5L>", "a value greater than 5" for its "a value greater than <5L>". */
    private static String words(Matcher<?> matcher) {
        return matcher.toString().replaceFirst("^is ", "").replaceAll("<(-?\\d+)L?>", "$1");
    }

    @Override
    public void until(Callable<Boolean> condition) {
        until("a condition to hold", new Wait.Condition() {
            @Override
            public boolean holds() throws Exception {
                return condition.call();
            }

            @Override
            public String lastSeen() {
                return "";
            }
        });
    }

    @Override
    public void untilAsserted(ThrowingRunnable assertion) {
        until("an assertion to pass", new Wait.Condition() {
            private String seen = "";

            @Override
            public boolean holds() throws Exception {
                try {
                    assertion.run();
                    return true;
                } catch (AssertionError e) {
                    seen = "last failure: " + e.getMessage();
                    return false;
                } catch (Exception | Error e) {
                    throw e;
                } catch (Throwable e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public String lastSeen() {
                return seen;
            }
        });
    }

    private void until(String what, Wait.Condition condition) {
        Settings general = Sessions.settings(context);
        ConditionFactory ours = Awaitility.with()
                .atMost(general.timeout())
                .pollDelay(Duration.ZERO)
                .pollInterval(new Backoff())
                .pollInSameThread()
                .dontCatchUncaughtExceptions();
        ConditionFactory factory = settings.apply(alias.isEmpty() ? ours : ours.alias(alias));
        if (general.debug()) {
            factory = factory.forever();
        }
        String name = alias.isEmpty() ? what : "'" + alias + "', " + what;
        Wait.until(factory, "waiting for " + name, condition, Sessions.around(context));
    }
}
