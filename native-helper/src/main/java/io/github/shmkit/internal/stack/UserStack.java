package io.github.shmkit.internal.stack;

import java.net.URL;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Has stack traces of failed waits and checks begin at the line of the user that waits or checks. */
public final class UserStack {
    /** Keeps our frames if it is true: for those who look for a fault in shmkit. */
    public static final String SETTING = "shmkit.stack.full";

    private static final String OURS = "io.github.shmkit.";
    private static final List<String> OTHERS = List.of("java.", "jdk.", "sun.", "org.awaitility.");
    /** With all that a stack trace has: where it begins is counted from its end. */
    private static final StackWalker WALKER = StackWalker.getInstance(
            Set.of(StackWalker.Option.RETAIN_CLASS_REFERENCE, StackWalker.Option.SHOW_REFLECT_FRAMES));

    /** Where our classes come from; tests of ours have the same packages and come from elsewhere. */
    private static final Set<String> LOCATIONS = ConcurrentHashMap.newKeySet();

    static {
        addLocationOf(UserStack.class);
    }

    private UserStack() {}

    /** All classes beside that one are ours as well. */
    public static void addLocationOf(Class<?> type) {
        location(type).ifPresent(LOCATIONS::add);
    }

    /**
     * Removes what is above the user's first frame, if there is one.
     *
     * @param thrown was made in this thread, beneath the caller of this
     * @return the same
     */
    public static <T extends Throwable> T trim(T thrown) {
        if (Boolean.getBoolean(SETTING)) {
            return thrown;
        }
        int fromBottom = WALKER.walk(frames -> {
            List<StackWalker.StackFrame> all = frames.toList();
            for (int i = 0; i < all.size(); i++) {
                if (!isOurs(all.get(i).getDeclaringClass())) {
                    return all.size() - i;
                }
            }
            return 0; // a thread of ours
        });
        StackTraceElement[] trace = thrown.getStackTrace();
        if (fromBottom > 0 && fromBottom < trace.length) {
            thrown.setStackTrace(Arrays.copyOfRange(trace, trace.length - fromBottom, trace.length));
        }
        return thrown;
    }

    private static boolean isOurs(Class<?> type) {
        String name = type.getName();
        return name.startsWith(OURS)
                ? location(type).filter(LOCATIONS::contains).isPresent()
                : OTHERS.stream().anyMatch(name::startsWith);
    }

    private static Optional<String> location(Class<?> type) {
        return Optional.ofNullable(type.getProtectionDomain().getCodeSource())
                .map(CodeSource::getLocation)
                .map(URL::toString);
    }
}
