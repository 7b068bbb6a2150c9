package io.github.shmkit.internal.session;

import io.github.shmkit.ShmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * 128 random bits that mark everything made in one session, written as 22 characters of base64url.
 *
 * @param text the characters
 */
public record SessionId(String text) {
    /** The environment variable that hands the session down to test JVMs and helpers. */
    public static final String VARIABLE = "SHMKIT_SESSION";

    public static final int LENGTH = 22;
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{" + LENGTH + "}");

    public SessionId {
        if (!isValid(text)) {
            throw new ShmException("'" + text + "' is not a session of shmkit (22 characters of base64url); unset "
                    + VARIABLE + ", which the Maven extension sets for test JVMs");
        }
    }

    public static boolean isValid(String text) {
        return FORM.matcher(text).matches();
    }

    public static SessionId random() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return new SessionId(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** The session that started this JVM, or else a new one. */
    public static SessionId inheritedOrRandom() {
        String inherited = System.getenv(VARIABLE);
        return inherited == null || inherited.isEmpty() ? random() : new SessionId(inherited);
    }

    @Override
    public String toString() {
        return text;
    }
}
