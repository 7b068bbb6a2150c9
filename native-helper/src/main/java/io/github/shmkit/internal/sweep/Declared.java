package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Objects as the user names them: a glob over names, or a System V object by its number, {@code key:0x…} or {@code id:…}
 * for a segment, with {@code sem:} before it for a semaphore set and with {@code msg:} for a queue.
 */
public final class Declared {
    private static final Pattern NUMBERED = Pattern.compile("(?:(shm|sem|msg):)?(key|id):(.*)", Pattern.DOTALL);
    private static final Pattern NUMBER = Pattern.compile("0x([0-9a-fA-F]{1,8})|(0|[1-9][0-9]{0,9})");
    private static final Map<String, IpcKind> KINDS =
            Map.of("shm", IpcKind.SYSV_SHM, "sem", IpcKind.SYSV_SEM, "msg", IpcKind.SYSV_MSG);

    private final String text;
    /** Of what has a name. */
    private final @Nullable Pattern glob;
    /** As the user gave it; empty for none. */
    private final Optional<IpcKind> kind;

    private final boolean isKey;
    private final int number;

    /**
     * Reads it.
     *
     * @param text as the user wrote it
     * @throws IllegalArgumentException with the text, the rule and the remedy
     */
    public Declared(String text) {
        this.text = text;
        Matcher numbered = NUMBERED.matcher(text);
        if (numbered.matches()) {
            glob = null;
            kind = Optional.ofNullable(numbered.group(1)).map(KINDS::get);
            isKey = numbered.group(2).equals("key");
            number = number(text, numbered.group(2), numbered.group(3));
        } else {
            if (text.replaceAll("[*?]", "").isEmpty()) {
                throw new IllegalArgumentException("'" + text
                        + "' would claim everybody's objects; a claim needs a name with at least one character that is "
                        + "not a wildcard, key:0x… or id:…");
            }
            glob = glob(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
            kind = Optional.empty();
            isKey = false;
            number = 0;
        }
    }

    /** As a user names this System V object and no other. */
    public static String textOf(IpcKind kind, int id) {
        String prefix = KINDS.entrySet().stream()
                .filter(each -> each.getValue() == kind)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
        return prefix + ":id:" + id;
    }

    private static int number(String text, String what, String digits) {
        Matcher matcher = NUMBER.matcher(digits);
        long value = !matcher.matches()
                ? -1
                : matcher.group(1) != null ? Long.parseLong(matcher.group(1), 16) : Long.parseLong(matcher.group(2));
        boolean key = what.equals("key");
        if (value < 0 || value > (key ? 0xffff_ffffL : Integer.MAX_VALUE)) {
            throw new IllegalArgumentException("'" + text + "' is no claim: behind " + what
                    + ": stands a number of " + (key ? "32" : "31")
                    + " bits, decimal without leading zeros or 0x… with at most 8 digits");
        }
        if (key && value == 0) {
            throw new IllegalArgumentException(
                    "'" + text + "' would claim every private object: key 0 is IPC_PRIVATE; give id:… instead");
        }
        return (int) value;
    }

    /** As the user wrote it. */
    public String text() {
        return text;
    }

    /** Whether it can mean one object only: a number, or a name without wildcards. */
    public boolean isExact() {
        return glob == null || (text.indexOf('*') < 0 && text.indexOf('?') < 0);
    }

    /** Whether it means this object; a number without a kind means a segment, since sets and queues count on their own. */
    public boolean matches(IpcObject object) {
        return means(object, kind.orElse(IpcKind.SYSV_SHM));
    }

    /** Whether it may mean this object: a number without a kind means every kind, for where a pattern only narrows. */
    public boolean concerns(IpcObject object) {
        return means(object, kind.orElse(object.kind()));
    }

    private boolean means(IpcObject object, IpcKind numbered) {
        if (object.identity() instanceof Identity.OfSysv sysv) {
            return glob == null && object.kind() == numbered && number == (isKey ? sysv.key() : sysv.id());
        }
        return glob != null
                && (isLike(glob, object.name())
                        || (object.kind() == IpcKind.MMAP_FILE
                                && isLike(glob, object.name().split()[1])));
    }

    /** A byte is a character here: a name need not be UTF-8. */
    private static boolean isLike(Pattern glob, RawName name) {
        return glob.matcher(new String(name.bytes(), StandardCharsets.ISO_8859_1))
                .matches();
    }

    private static Pattern glob(String glob) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            regex.append(
                    switch (c) {
                        case '*' -> ".*";
                        case '?' -> ".";
                        default -> Pattern.quote(String.valueOf(c));
                    });
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Declared declared && text.equals(declared.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
