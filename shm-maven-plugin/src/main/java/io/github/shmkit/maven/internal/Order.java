package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;

/** The parameter {@code shm.sort}. */
public enum Order {
    SIZE,
    NAME,
    KIND,
    MADE,
    SESSION;

    private static final long NANOS = 1_000_000_000;

    Comparator<Finding> comparator() {
        return first().thenComparing(finding -> finding.object().kind())
                .thenComparing(finding -> finding.object().name())
                .thenComparing(finding -> Printable.address(finding.object()));
    }

    private Comparator<Finding> first() {
        return switch (this) {
            case SIZE ->
                Comparator.comparing((Finding finding) -> Size.held(finding.object()))
                        .reversed();
            case NAME -> Comparator.comparing(finding -> Printable.address(finding.object()));
            case KIND -> Comparator.comparing(finding -> finding.object().kind());
            case MADE -> Comparator.comparing(finding -> madeNanos(finding.object()));
            case SESSION -> Comparator.comparing(finding -> Owner.of(finding).toString());
        };
    }

    private static long madeNanos(IpcObject object) {
        return object.identity() instanceof Identity.OfFile file
                ? file.btimeNanos()
                : ((Identity.OfSysv) object.identity()).ctimeSeconds() * NANOS;
    }

    /**
     * The order of that name, in any case; by size for no name.
     *
     * @throws BadInputException if there is no such order
     */
    public static Order parse(String name) throws BadInputException {
        if (name.isBlank()) {
            return SIZE;
        }
        return Arrays.stream(values())
                .filter(order -> order.name().equals(name.trim().toUpperCase(Locale.ROOT)))
                .findAny()
                .orElseThrow(() -> new BadInputException("shm.sort: '" + Printable.text(name)
                        + "' is no order; give size, name, kind, made or session"));
    }
}
