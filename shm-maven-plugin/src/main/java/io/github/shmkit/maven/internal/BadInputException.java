package io.github.shmkit.maven.internal;

/** The user set a parameter to what it cannot be; the message names it, the rule and the remedy. */
public final class BadInputException extends Exception {
    private static final long serialVersionUID = 1L;

    BadInputException(String message) {
        super(message);
    }
}
