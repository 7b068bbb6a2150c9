package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcObject;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Objects that the user declares to be the build's own: a glob over names, {@code key:0x…} or {@code id:…}.
 *
 * @param text as the user wrote it
 */
public record Declared(String text) {
    private static final String KEY = "key:";
    private static final String ID = "id:";

    public Declared {
        if (text.startsWith(KEY)) {
            number(text, KEY);
        } else if (text.startsWith(ID)) {
            number(text, ID);
        } else if (text.replaceAll("[*?]", "").isEmpty()) {
            throw new IllegalArgumentException("'" + text
                    + "' would claim everybody's objects; a claim needs a name with at least one character that is not "
                    + "a wildcard, key:0x… or id:…");
        }
    }

    private static long number(String text, String prefix) {
        try {
            long value = Long.decode(text.substring(prefix.length()));
            if (prefix.equals(KEY) && value == 0) {
                throw new IllegalArgumentException(
                        "'" + text + "' would claim every private segment: key 0 is IPC_PRIVATE; give id:… instead");
            }
            return value;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no claim: behind " + prefix + " stands a number, decimal or 0x…", e);
        }
    }

    /** Whether it means this object. */
    public boolean matches(IpcObject object) {
        if (object.identity() instanceof Identity.OfSysv sysv) {
            return (text.startsWith(KEY) && (int) number(text, KEY) == sysv.key())
                    || (text.startsWith(ID) && number(text, ID) == sysv.id());
        }
        if (text.startsWith(KEY) || text.startsWith(ID)) {
            return false;
        }
        // A byte is a character here: a name need not be UTF-8.
        String name = new String(object.name().bytes(), StandardCharsets.ISO_8859_1);
        return glob(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
                .matcher(name)
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
}
