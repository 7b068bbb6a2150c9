package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.DeclaredDirectories;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What a {@link Survey} looks at and a {@link Removal} may do: all names and thresholds in one place.
 *
 * @param kinds what is looked at
 * @param foreign also report objects that nothing connects with a session
 * @param ending the caller's own build session, all of whose processes have ended; empty when it has none
 * @param exclusive the user's word that nobody else makes IPC objects on this host while a build runs
 * @param declared objects that the user declares to be the build's own
 * @param minAge how long an object that only {@code declared} makes ours must have rested
 * @param minAgeOfNew how long an object that only {@code exclusive} makes ours must have rested
 * @param only narrows what is looked at further; never widens what may be deleted
 * @param since what a snapshot that the user took does not have, and so is new since then; empty for no snapshot
 * @param progress is told how far the sweep is
 * @param directories in which mapped files are objects, too
 */
public record SweepPolicy(
        Set<IpcKind> kinds,
        boolean foreign,
        String ending,
        boolean exclusive,
        List<Declared> declared,
        Duration minAge,
        Duration minAgeOfNew,
        Predicate<IpcObject> only,
        Optional<Predicate<IpcObject>> since,
        SweepProgress progress,
        DeclaredDirectories directories) {
    /** Long enough for the pause between two jobs of one pipeline that hand a segment on. */
    public static final Duration DEFAULT_MIN_AGE = Duration.ofMinutes(10);

    /** Two looks at an object that no ledger names must agree, and be at least so far apart. */
    static final Duration LOOK_AGAIN_AFTER = Duration.ofSeconds(1);

    /** The same where nothing has watched who uses it until now: for one that opens it by turns, every few seconds. */
    static final Duration LOOK_AGAIN_LATER = Duration.ofSeconds(3);

    public SweepPolicy {
        kinds = Set.copyOf(kinds);
        declared = List.copyOf(declared);
        for (Duration age : List.of(minAge, minAgeOfNew)) {
            if (age.isNegative()) {
                throw new IllegalArgumentException("minimum age " + age + " is negative; give 0 or more");
            }
        }
    }

    /** Everything, for real. */
    public static SweepPolicy standard() {
        return new SweepPolicy(
                EnumSet.complementOf(EnumSet.of(IpcKind.MEMFD)),
                false,
                "",
                false,
                List.of(),
                DEFAULT_MIN_AGE,
                DEFAULT_MIN_AGE,
                object -> true,
                Optional.empty(),
                new SweepProgress(),
                DeclaredDirectories.NONE);
    }

    public SweepPolicy withForeign(boolean report) {
        return with(all -> all.foreign = report);
    }

    public SweepPolicy withKinds(Set<IpcKind> wanted) {
        return with(all -> all.kinds = wanted);
    }

    public SweepPolicy withEnding(String session) {
        return with(all -> all.ending = session);
    }

    public SweepPolicy withExclusive(boolean word) {
        return with(all -> all.exclusive = word);
    }

    public SweepPolicy withDeclared(List<Declared> patterns) {
        return with(all -> all.declared = patterns);
    }

    /** For what is declared and for what is new alike. */
    public SweepPolicy withMinAge(Duration age) {
        return withMinAges(age, age);
    }

    public SweepPolicy withMinAges(Duration ofDeclared, Duration ofNew) {
        return with(all -> {
            all.minAge = ofDeclared;
            all.minAgeOfNew = ofNew;
        });
    }

    public SweepPolicy withOnly(Predicate<IpcObject> wanted) {
        return with(all -> all.only = wanted);
    }

    public SweepPolicy withSince(Optional<Predicate<IpcObject>> isNew) {
        return with(all -> all.since = isNew);
    }

    public SweepPolicy withProgress(SweepProgress told) {
        return with(all -> all.progress = told);
    }

    public SweepPolicy withDirectories(DeclaredDirectories declaredOnes) {
        return with(all -> all.directories = declaredOnes);
    }

    private SweepPolicy with(Consumer<Components> change) {
        Components all = new Components(this);
        change.accept(all);
        return new SweepPolicy(
                all.kinds,
                all.foreign,
                all.ending,
                all.exclusive,
                all.declared,
                all.minAge,
                all.minAgeOfNew,
                all.only,
                all.since,
                all.progress,
                all.directories);
    }

    /** All components, to change some of them. */
    private static final class Components {
        private Set<IpcKind> kinds;
        private boolean foreign;
        private String ending;
        private boolean exclusive;
        private List<Declared> declared;
        private Duration minAge;
        private Duration minAgeOfNew;
        private Predicate<IpcObject> only;
        private Optional<Predicate<IpcObject>> since;
        private SweepProgress progress;
        private DeclaredDirectories directories;

        Components(SweepPolicy policy) {
            kinds = policy.kinds;
            foreign = policy.foreign;
            ending = policy.ending;
            exclusive = policy.exclusive;
            declared = policy.declared;
            minAge = policy.minAge;
            minAgeOfNew = policy.minAgeOfNew;
            only = policy.only;
            since = policy.since;
            progress = policy.progress;
            directories = policy.directories;
        }
    }
}
