package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.ipc.DeclaredDirectories;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.sweep.Declared;
import io.github.shmkit.internal.sweep.SweepPolicy;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the user wants looked at, and what he vouches for.
 *
 * @param kinds of objects to look at
 * @param includes if there are any, an object must match one of them
 * @param excludes an object must match none of them
 * @param claim objects that the user declares to be the build's own
 * @param exclusive the user's word that nobody else makes IPC objects on this host
 * @param minAge how long what is ours by the user's word only must have rested; empty for what is usual
 * @param attribute whether a guarded build finds out who creates objects
 * @param directories in which mapped files are objects, too
 */
public record Selection(
        Set<IpcKind> kinds,
        List<Predicate<IpcObject>> includes,
        List<Predicate<IpcObject>> excludes,
        List<Declared> claim,
        boolean exclusive,
        Optional<Duration> minAge,
        Attribution.Mode attribute,
        DeclaredDirectories directories) {
    private static final Pattern SHORT_AGE = Pattern.compile("(-?\\d{1,9})\\s*(ms|s|m|h|d)");
    private static final Pattern WILDCARDS = Pattern.compile("[*?]+");

    /** Everything, and nothing vouched for. */
    public static final Selection ALL = new Selection(
            SweepPolicy.standard().kinds(),
            List.of(),
            List.of(),
            List.of(),
            false,
            Optional.empty(),
            Attribution.Mode.AUTO,
            DeclaredDirectories.NONE);

    /**
     * Reads the parameters of those names.
     *
     * @param minAge empty for the default
     * @throws BadInputException with the parameter, the rule and the remedy, in one line
     */
    public static Selection parse(
            Collection<String> kinds,
            Collection<String> includes,
            Collection<String> excludes,
            Collection<String> claim,
            boolean exclusive,
            String minAge)
            throws BadInputException {
        return new Selection(
                Kinds.parse(kinds),
                patterns("shm.includes", includes),
                patterns("shm.excludes", excludes),
                claims(claim),
                exclusive,
                age(minAge),
                Attribution.Mode.AUTO,
                DeclaredDirectories.NONE);
    }

    /** The same, by the parameter {@code shm.attribute}. */
    public Selection withAttribute(String text) throws BadInputException {
        return new Selection(
                kinds, includes, excludes, claim, exclusive, minAge, Attribution.Mode.parse(text), directories);
    }

    /**
     * The same, by the parameter {@code shm.directories}.
     *
     * @param folder to which they are relative
     */
    public Selection withDirectories(Collection<String> texts, Path folder) throws BadInputException {
        List<String> patterns = new ArrayList<>();
        for (String text : texts) {
            try {
                patterns.add(DeclaredDirectories.parse(text, folder));
            } catch (IllegalArgumentException e) {
                throw new BadInputException("shm.directories: " + Printable.text(String.valueOf(e.getMessage())));
            }
        }
        return new Selection(
                kinds, includes, excludes, claim, exclusive, minAge, attribute, new DeclaredDirectories(patterns));
    }

    private static List<Predicate<IpcObject>> patterns(String parameter, Collection<String> texts)
            throws BadInputException {
        List<Predicate<IpcObject>> patterns = new ArrayList<>();
        for (String text : texts) {
            if (!text.isBlank() && WILDCARDS.matcher(text.trim()).matches()) {
                patterns.add(object -> true); // harmless here, where a pattern only narrows
            } else {
                patterns.add(declared(parameter, text)::concerns);
            }
        }
        return List.copyOf(patterns);
    }

    private static List<Declared> claims(Collection<String> texts) throws BadInputException {
        List<Declared> claims = new ArrayList<>();
        for (String text : texts) {
            claims.add(declared("shm.claim", text));
        }
        return List.copyOf(claims);
    }

    private static Declared declared(String parameter, String text) throws BadInputException {
        try {
            return new Declared(text.trim());
        } catch (IllegalArgumentException e) {
            throw new BadInputException(parameter + ": " + Printable.text(String.valueOf(e.getMessage())));
        }
    }

    private static Optional<Duration> age(String text) throws BadInputException {
        if (text.isBlank()) {
            return Optional.empty();
        }
        Duration age;
        try {
            age = duration(text.trim());
        } catch (DateTimeException | ArithmeticException e) {
            throw new BadInputException(
                    "shm.minAge: '" + Printable.text(text) + "' is no duration; give 30s, 10m, 2h, 1d or PT10M");
        }
        if (age.isNegative()) {
            throw new BadInputException("shm.minAge: '" + Printable.text(text) + "' is negative; give 0s or more");
        }
        return Optional.of(age);
    }

    private static Duration duration(String text) {
        Matcher matcher = SHORT_AGE.matcher(text);
        if (!matcher.matches()) {
            return Duration.parse(text.toUpperCase(Locale.ROOT));
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    /** How a sweep has to be done that keeps to it. */
    public SweepPolicy policy() {
        return SweepPolicy.standard()
                .withKinds(kinds)
                .withOnly(this::isWanted)
                .withDeclared(claim)
                .withExclusive(exclusive)
                .withDirectories(directories)
                .withMinAge(minAge.orElse(SweepPolicy.DEFAULT_MIN_AGE));
    }

    /** The same after a step that began with a snapshot: what was there before is not looked at. */
    SweepPolicy policySince(BaselineFile baseline) {
        long uid = BaselineFile.uid();
        return policy().withOnly(object -> isWanted(object) && !baseline.contains(object))
                .withSince(Optional.of(object -> object.uid() == uid && !baseline.contains(object)))
                .withMinAge(minAge.orElse(Duration.ZERO));
    }

    /**
     * The same at the end of a build, when nothing of it is about to be used by its next step. What the user claims may be
     * of another build that runs beside this one, and has to rest as ever.
     */
    SweepPolicy endingPolicy(String session) {
        return policy().withEnding(session)
                .withMinAges(minAge.orElse(SweepPolicy.DEFAULT_MIN_AGE), minAge.orElse(Duration.ZERO));
    }

    /** Of what dead sessions left, and of nothing else: what the user vouches for is left to the goals and to the end. */
    SweepPolicy leftoversPolicy() {
        return SweepPolicy.standard().withKinds(kinds).withOnly(this::isWanted);
    }

    boolean isWanted(IpcObject object) {
        return (includes.isEmpty() || includes.stream().anyMatch(pattern -> pattern.test(object)))
                && excludes.stream().noneMatch(pattern -> pattern.test(object));
    }
}
