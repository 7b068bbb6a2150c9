package io.github.shmkit.junit;

/**
 * The state of a failed test's segments and helpers, in at most 60 lines; a suppressed throwable of its failure, since
 * that is what every IDE and every report shows.
 *
 * @since 0.1.0
 */
public final class ShmDiagnostics extends Throwable {
    private static final long serialVersionUID = 1L;

    ShmDiagnostics(String text) {
        super(text, null, false, false);
    }

    @Override
    public String toString() {
        return getMessage();
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
