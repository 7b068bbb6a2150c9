package io.github.shmkit.internal.session;

import io.github.shmkit.ShmException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * 128 random bits by which a process shows that it is of a session: 22 characters of base64url, which stand nowhere but in
 * the environment of the session's processes.
 *
 * <p>Everybody may know the {@link SessionId}, which the secret gives but which does not give the secret. token.h says how.
 */
public final class SessionSecret {
    /** The environment variable that hands the session down to test JVMs and helpers. */
    public static final String VARIABLE = "SHMKIT_SESSION";

    private static final int ID_BYTES = 16;

    private final String text;
    private final SessionId id;

    private SessionSecret(String text) {
        this.text = text;
        this.id = idOf(text);
    }

    public static SessionSecret random() {
        return new SessionSecret(SessionId.random().text());
    }

    /** That of the session that started this JVM, or else a new one. */
    public static SessionSecret inheritedOrRandom() {
        String inherited = System.getenv(VARIABLE);
        return inherited == null || inherited.isEmpty() ? random() : of(inherited);
    }

    /** The one that a process was given. */
    public static SessionSecret of(String text) {
        if (!SessionId.isValid(text)) {
            // The text stays unsaid: it may be a secret with a character too many.
            throw new ShmException(VARIABLE + " holds no session of shmkit (22 characters of base64url); unset it: the "
                    + "Maven extension sets it for test JVMs");
        }
        return new SessionSecret(text);
    }

    /** The session that a process with this value belongs to. */
    public static SessionId idOf(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return new SessionId(
                    Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, ID_BYTES)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    public SessionId id() {
        return id;
    }

    /** For the environment of a process of the session, and nothing else. */
    public String text() {
        return text;
    }

    /** A text that others may read, as a report, with the variable's name where the secret stood. */
    public String hiddenIn(String shown) {
        return shown.replace(text, "<" + VARIABLE + ">");
    }

    /** Without the secret, wherever it is written to. */
    @Override
    public String toString() {
        return "the secret of session " + id;
    }
}
