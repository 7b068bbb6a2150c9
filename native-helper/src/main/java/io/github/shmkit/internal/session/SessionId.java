package io.github.shmkit.internal.session;

import io.github.shmkit.ShmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * 128 bits that mark everything made in one session, written as 22 characters of base64url. Everybody may know them; what
 * only the session's processes know is its {@link SessionSecret}.
 *
 * @param text the characters
 */
public record SessionId(String text) {
    public static final int LENGTH = 22;
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{" + LENGTH + "}");

    public SessionId {
        if (!isValid(text)) {
            throw new ShmException("'" + text + "' is not the id of a session of shmkit (22 characters of base64url)");
        }
    }

    public static boolean isValid(String text) {
        return FORM.matcher(text).matches();
    }

    /** One that no session has, or will have. */
    public static SessionId random() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return new SessionId(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    @Override
    public String toString() {
        return text;
    }
}
