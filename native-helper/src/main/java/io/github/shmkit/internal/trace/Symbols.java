package io.github.shmkit.internal.trace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Names of code: function and source line, as far as a file has them. Lines are found by addr2line and C++ names by c++filt of
 * binutils, where these are installed.
 */
public final class Symbols {
    private static final int MOST_SECONDS = 10;
    private static final int AT_ONCE = 500;
    private static final Map<Key, Symbols> KNOWN = new ConcurrentHashMap<>();

    private final Path file;
    private final Elf elf;
    private final Map<Long, String> names = new ConcurrentHashMap<>();

    /** A file that is built anew is another one. */
    private record Key(Path file, long size, FileTime changed) {}

    private Symbols(Path file) {
        this.file = file;
        this.elf = Elf.read(file);
    }

    /** Those of a file. */
    public static Symbols of(Path file) {
        try {
            return KNOWN.computeIfAbsent(
                    new Key(file, Files.size(file), Files.getLastModifiedTime(file)), key -> new Symbols(file));
        } catch (IOException e) {
            return new Symbols(file); // it has none
        }
    }

    /**
     * Looks for many at once, which {@link #name} then has.
     *
     * @param offsets in the file
     */
    public synchronized void look(Collection<Long> offsets) {
        List<Long> unknown = offsets.stream()
                .filter(offset -> !names.containsKey(offset))
                .distinct()
                .toList();
        for (int from = 0; from < unknown.size(); from += AT_ONCE) {
            List<Long> some = unknown.subList(from, Math.min(unknown.size(), from + AT_ONCE));
            some.forEach(offset -> names.put(offset, elf.function(offset).orElse("")));
            if (elf.hasLines()) {
                lines(some);
            }
            readable(some);
        }
    }

    /** The function, and its source line if that is known: {@code push, ring.c:42}; empty if neither is. */
    public Optional<String> name(long offset) {
        look(List.of(offset));
        return Optional.ofNullable(names.get(offset)).filter(name -> !name.isEmpty());
    }

    private void lines(List<Long> offsets) {
        List<String> command = new ArrayList<>(List.of("addr2line", "-C", "-f", "-e", file.toString()));
        offsets.forEach(offset ->
                command.add("0x" + Long.toHexString(elf.address(offset).orElse(0))));
        List<String> answer = run(command);
        for (int i = 0; i < offsets.size() && 2 * i + 1 < answer.size(); i++) {
            String function = answer.get(2 * i);
            String line = answer.get(2 * i + 1).replaceFirst(" \\(discriminator.*", "");
            if (!function.startsWith("?")) {
                function = brief(function);
                String place = line.substring(line.lastIndexOf('/') + 1);
                names.put(offsets.get(i), function + (place.startsWith("?") ? "" : ", " + place));
            }
        }
    }

    private void readable(List<Long> offsets) {
        List<Long> mangled = offsets.stream()
                .filter(offset -> names.getOrDefault(offset, "").startsWith("_Z"))
                .toList();
        if (mangled.isEmpty()) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("c++filt"));
        mangled.forEach(offset -> command.add(names.getOrDefault(offset, "")));
        List<String> answer = run(command);
        for (int i = 0; i < mangled.size() && answer.size() == mangled.size(); i++) {
            names.put(mangled.get(i), brief(answer.get(i)));
        }
    }

    /** Without what C++ functions have in angle brackets and parentheses, which can be very long. */
    static String brief(String function) {
        StringBuilder brief = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < function.length(); i++) {
            char c = function.charAt(i);
            depth += c == '<' || c == '(' ? 1 : 0;
            if (depth == 0) {
                brief.append(c);
            }
            depth -= c == '>' || c == ')' ? 1 : 0;
        }
        boolean plain = depth == 0 && brief.length() > 0; // operator< and its like are not
        return plain ? brief.toString().replaceFirst(" const$", "") : function;
    }

    /** What it writes; nothing if it is not installed, or takes too long. */
    private static List<String> run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            Thread limit = new Thread(() -> end(process), "shmkit " + command.get(0));
            limit.setDaemon(true);
            limit.start();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? answer.lines().toList() : List.of();
        } catch (IOException e) {
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private static void end(Process process) {
        try {
            if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }
}
