package io.github.shmkit.bench;

/** A peer that this machine does not have. */
final class MissingException extends Exception {
    private static final long serialVersionUID = 1;

    MissingException(String reason) {
        super(reason);
    }
}
