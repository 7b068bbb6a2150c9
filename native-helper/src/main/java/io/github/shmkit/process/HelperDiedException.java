package io.github.shmkit.process;

import io.github.shmkit.ShmException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A helper died while something was expected of it; the message says of what, and ends with its standard error.
 *
 * @since 0.1.0
 */
public final class HelperDiedException extends ShmException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Exit exit;

    /**
     * An error with the way it ended.
     *
     * @param message who died of what, and what was expected of it
     * @param exit empty if it is not known
     */
    public HelperDiedException(String message, Optional<Exit> exit) {
        super(message);
        this.exit = exit.orElse(null);
    }

    /**
     * How the helper ended.
     *
     * @return empty if it is not known
     */
    public Optional<Exit> exit() {
        return Optional.ofNullable(exit);
    }
}
