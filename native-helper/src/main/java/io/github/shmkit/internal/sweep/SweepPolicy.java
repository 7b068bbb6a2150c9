package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.DeclaredDirectories;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a sweep looks at and may do: all names and thresholds in one place.
 *
 * @param kinds what is looked at
 * @param foreign also report objects that nothing connects with a session
 * @param dryRun say what would be done, and do nothing
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
        boolean dryRun,
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

    public SweepPolicy asDryRun() {
        return withDryRun(true);
    }

    public SweepPolicy withDryRun(boolean dry) {
        return new SweepPolicy(
                kinds,
                foreign,
                dry,
                ending,
                exclusive,
                declared,
                minAge,
                minAgeOfNew,
                only,
                since,
                progress,
                directories);
    }

    public SweepPolicy withForeign(boolean report) {
        return new SweepPolicy(
                kinds,
                report,
                dryRun,
                ending,
                exclusive,
                declared,
                minAge,
                minAgeOfNew,
                only,
                since,
                progress,
                directories);
    }

    public SweepPolicy withKinds(Set<IpcKind> wanted) {
        return new SweepPolicy(
                wanted,
                foreign,
                dryRun,
                ending,
                exclusive,
                declared,
                minAge,
                minAgeOfNew,
                only,
                since,
                progress,
                directories);
    }

    public SweepPolicy withEnding(String session) {
        return new SweepPolicy(
                kinds,
                foreign,
                dryRun,
                session,
                exclusive,
                declared,
                minAge,
                minAgeOfNew,
                only,
                since,
                progress,
                directories);
    }

    public SweepPolicy withExclusive(boolean word) {
        return new SweepPolicy(
                kinds,
                foreign,
                dryRun,
                ending,
                word,
                declared,
                minAge,
                minAgeOfNew,
                only,
                since,
                progress,
                directories);
    }

    public SweepPolicy withDeclared(List<Declared> patterns) {
        return new SweepPolicy(
                kinds,
                foreign,
                dryRun,
                ending,
                exclusive,
                patterns,
                minAge,
                minAgeOfNew,
                only,
                since,
                progress,
                directories);
    }

    /** For what is declared and for what is new alike. */
    public SweepPolicy withMinAge(Duration age) {
        return withMinAges(age, age);
    }

    public SweepPolicy withMinAges(Duration ofDeclared, Duration ofNew) {
        return new SweepPolicy(
                kinds,
                foreign,
                dryRun,
                ending,
                exclusive,
                declared,
                ofDeclared,
                ofNew,
                only,
                since,
                progress,
                directories);
    }

    public SweepPolicy withOnly(Predicate<IpcObject> wanted) {
        return new SweepPolicy(
                kinds,
                foreign,
                dryRun,
                ending,
                exclusive,
                declared,
                minAge,
                minAgeOfNew,
                wanted,
                since,
                progress,
                directories);
    }

    public SweepPolicy withSince(Optional<Predicate<IpcObject>> isNew) {
        return new SweepPolicy(
                kinds,
                foreign,
                dryRun,
                ending,
                exclusive,
                declared,
                minAge,
                minAgeOfNew,
                only,
                isNew,
                progress,
                directories);
    }

    public SweepPolicy withProgress(SweepProgress told) {
        return new SweepPolicy(
                kinds,
                foreign,
                dryRun,
                ending,
                exclusive,
                declared,
                minAge,
                minAgeOfNew,
                only,
                since,
                told,
                directories);
    }

    public SweepPolicy withDirectories(DeclaredDirectories declaredOnes) {
        return new SweepPolicy(
                kinds,
                foreign,
                dryRun,
                ending,
                exclusive,
                declared,
                minAge,
                minAgeOfNew,
                only,
                since,
                progress,
                declaredOnes);
    }
}
