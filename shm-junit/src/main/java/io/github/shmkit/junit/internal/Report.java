package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.helper.Blocked;
import io.github.shmkit.internal.helper.HelperProcess;
import io.github.shmkit.internal.helper.ThreadDump;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.Output;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a test's segments and helpers at one moment.
 *
 * <p>Its text is short enough for the place where an IDE shows a failure; its files have all of it.
 */
public final class Report {
    private static final int LINES_MAX = 58;
    private static final int OUTPUT_LINES = 15;
    private static final int OPERATIONS = 5;
    private static final int ROW = 16;
    private static final int ROWS_AROUND = 3;
    private static final int ROWS_MAX = 12;
    private static final long SAVED_MAX = 1 << 26;
    private static final int PIECE = 1 << 16;

    private final List<String> lines = new ArrayList<>();
    private final Map<String, byte[]> texts = new LinkedHashMap<>();
    private final List<Evidence.Known> segments = new ArrayList<>();
    private final List<TracedAccesses> traced = new ArrayList<>();
    private final String owner;
    private final long seed;

    private Report(List<TestSession> sessions) {
        Evidence nearest = sessions.get(0).evidence();
        owner = nearest.owner();
        seed = nearest.seed();
        for (TestSession session : sessions) {
            segments.addAll(session.evidence().segments());
            session.traced().forEach(helper -> traced.add(TracedAccesses.of(helper)));
        }
        boolean seeded =
                sessions.stream().anyMatch(session -> session.evidence().isSeedUsed());
        lines.add("state of " + owner
                + (seeded ? "; seed " + seed + ", again with -D" + Setting.SEED.key() + "=" + seed : ""));
        sessions.forEach(session -> lines.addAll(session.evidence().notes()));
        segments.forEach(this::describe);
        Optional<Evidence.Awaited> awaited = sessions.stream()
                .flatMap(session -> session.evidence().awaited().stream())
                .findFirst();
        segments.forEach(known -> changes(
                known, awaited.filter(a -> a.segment() == known.segment()).map(Evidence.Awaited::offset)));
        sessions.get(0).reached().ifPresent(lines::add);
        // Those of the class are others than the test's, and most often nobody uses them.
        sessions.stream()
                .skip(1)
                .forEach(session -> session.reachedSomething()
                        .ifPresent(text -> lines.add("checkpoints of " + session.owner() + ": " + text)));
        sessions.forEach(session -> session.helpers().forEach(this::describe));
        TestSession any = sessions.get(0);
        lines.replaceAll(any::withoutSecret);
        texts.replaceAll((name, bytes) -> any.withoutSecret(new String(bytes, StandardCharsets.ISO_8859_1))
                .getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * Looks at everything now.
     *
     * @param sessions the test's and those around it, nearest first; at least one
     */
    public static Report take(List<TestSession> sessions) {
        return new Report(sessions);
    }

    /** At most 58 lines: the place of the files is told below. */
    public String text() {
        if (lines.size() <= LINES_MAX) {
            return String.join("\n", lines);
        }
        List<String> first = lines.subList(0, LINES_MAX - 1);
        return String.join("\n", first) + "\n… " + (lines.size() - LINES_MAX + 1) + " more lines in report.txt";
    }

    // --- segments ---

    private void describe(Evidence.Known known) {
        Segment segment = known.segment();
        lines.add("segment '" + segment.label() + "': " + segment.kind() + ", " + segment.size() + " bytes, "
                + segment.address().uri() + (known.origin().isEmpty() ? "" : ", " + known.origin()));
    }

    /**
     * Whether somebody cut the object off under our mapping.
     *
     * <p>Asked before, since the InternalError of a read behind its end may come late, in the middle of something else
     * that then is never whole again.
     */
    private static boolean isTruncated(Segment segment) {
        if (segment.address() instanceof SegmentAddress.ByPath object) {
            File file = new File(object.path());
            return file.exists() && file.length() < segment.size();
        }
        return false;
    }

    private void changes(Evidence.Known known, Optional<Long> awaited) {
        Segment segment = known.segment();
        if (isTruncated(segment)) {
            lines.add("'" + segment.label() + "' cannot be read: it was truncated under its mapping");
            return;
        }
        try {
            List<Long> rows = changedRows(known, awaited);
            if (!rows.isEmpty()) {
                lines.add("'" + segment.label() + "', rows that changed"
                        + awaited.map(offset -> " or were waited for (offset " + offset + ")")
                                .orElse("") + ":");
                rows.stream()
                        .limit(ROWS_MAX)
                        .forEach(row -> lines.add("  " + dump(segment, row) + writer(segment, row, row + ROW)));
                if (rows.size() > ROWS_MAX) {
                    lines.add("  … " + (rows.size() - ROWS_MAX) + " more such rows");
                }
            }
            awaited.ifPresent(offset -> lines.addAll(traced.stream()
                    .flatMap(each -> each.lastChange(segment.label(), offset, offset + 1).stream()
                            .map(access -> "offset " + offset + " of '" + segment.label() + "' was written last by "
                                    + each.helper() + ": store " + access.point() + ", " + access))
                    .toList()));
        } catch (IllegalStateException e) {
            lines.add("'" + segment.label() + "' is closed");
        } catch (InternalError e) { // how the JVM reports SIGBUS
            lines.add("'" + segment.label() + "' cannot be read: " + e.getMessage());
        }
    }

    /** Who wrote there last, if that was traced. */
    private String writer(Segment segment, long from, long to) {
        return traced.stream()
                .flatMap(each -> each.lastChange(segment.label(), from, to).stream()
                        .map(access -> "  <- store " + access.point() + " of '"
                                + each.helper().name() + "'"))
                .reduce((earlier, later) -> later)
                .orElse("");
    }

    private static String dump(Segment segment, long row) {
        return segment.hexdump(row, (int) Math.min(ROW, segment.size() - row)).stripTrailing();
    }

    /** Those around the awaited offset first. */
    private static List<Long> changedRows(Evidence.Known known, Optional<Long> awaited) {
        Segment segment = known.segment();
        List<Long> near = new ArrayList<>();
        List<Long> far = new ArrayList<>();
        long center = awaited.map(offset -> offset / ROW * ROW).orElse(Long.MIN_VALUE / 2);
        long limit = Math.min(segment.size(), Contents.COMPARED_MAX);
        for (long offset = 0; offset < limit; offset += Contents.BLOCK) {
            byte[] now = segment.getBytes(offset, (int) Math.min(Contents.BLOCK, limit - offset));
            byte[] before = known.initial().block(offset / Contents.BLOCK);
            for (int at = 0; at < now.length; at += ROW) {
                int end = Math.min(at + ROW, now.length);
                long row = offset + at;
                boolean isNear = Math.abs(row - center) <= ROWS_AROUND * ROW;
                if (row == center || !Arrays.equals(now, at, end, before, at, end)) {
                    (isNear ? near : far).add(row);
                }
            }
        }
        if (center >= limit && center < segment.size()) {
            near.add(center);
        }
        near.addAll(far);
        return near;
    }

    // --- helpers ---

    private void describe(HelperProcess helper) {
        String state = helper.isAlive()
                ? helper.state().toString()
                : helper.exit().map(Object::toString).orElse("ended, nobody knows how");
        lines.add(helper + ": " + state);
        helper.exit().filter(Report::dumpedCore).ifPresent(exit -> lines.add("  core: " + core(helper.pid())));
        if (helper.isAlive()) {
            waits(helper);
        }
        List<String> journal = helper.journal();
        journal.stream().skip(Math.max(0, journal.size() - OPERATIONS)).forEach(line -> lines.add("  told: " + line));
        traced.stream()
                .filter(each -> each.helper() == helper)
                .forEach(each -> each.last().forEach(line -> lines.add("  " + line)));
        tail("stderr", helper.stderr());
        if (helper instanceof JvmHelper && !helper.isAlive()) {
            tail("stdout", helper.stdout()); // where a JVM says why it crashed, or that it has no memory left
        }
        String stem = "helper-" + fileName(helper.name()) + "-" + helper.pid();
        if (helper instanceof JvmHelper && helper.isAlive()) {
            ThreadDump.of(helper).ifPresent(dump -> {
                ThreadDump.tasks(dump).forEach(task -> lines.add("  " + task));
                text(stem + ".threads", dump);
            });
        }
        traced.stream().filter(each -> each.helper() == helper).forEach(each -> text(stem + ".accesses", each.text()));
        text(stem + ".stdout", helper.stdout());
        text(stem + ".stderr", helper.stderr());
        if (!journal.isEmpty()) {
            text(stem + ".journal", String.join("\n", journal) + "\n");
        }
        for (String file : List.of("status", "maps", "wchan", "cmdline")) {
            String content = ProcessTree.read("/proc/" + helper.pid() + "/" + file);
            if (helper.isAlive() && !content.isEmpty()) {
                texts.put(stem + "." + file, content.replace('\0', ' ').getBytes(StandardCharsets.ISO_8859_1));
            }
        }
    }

    /** Where in the test's segments it sleeps. */
    private void waits(HelperProcess helper) {
        for (Evidence.Known known : segments) {
            try {
                Blocked.offsets(helper.pid(), known.segment())
                        .forEach(offset -> lines.add("  blocked in futex(2) at offset " + offset + " of '"
                                + known.segment().label() + "'"));
            } catch (ShmException e) {
                lines.add("  " + e.getMessage());
                return;
            }
        }
    }

    private void tail(String stream, Output output) {
        List<String> all = output.lines();
        all.stream()
                .skip(Math.max(0, all.size() - OUTPUT_LINES))
                .forEach(line -> lines.add("  " + stream + ": " + line));
    }

    private static boolean dumpedCore(Exit exit) {
        return exit instanceof Exit.Killed killed && killed.coreDumped();
    }

    /** Where the kernel put it, see core(5). */
    private static String core(long pid) {
        String pattern = ProcessTree.read("/proc/sys/kernel/core_pattern").strip();
        return pattern.startsWith("|")
                ? "handed to " + pattern.substring(1)
                : pattern.replace("%p", Long.toString(pid)) + ", in the helper's directory unless that is a whole path";
    }

    private void text(String name, String content) {
        texts.put(name, utf8(content));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void text(String name, Output output) {
        if (output.total() > 0) {
            text(name, output.text());
        }
    }

    private static String fileName(String name) {
        return name.replaceAll("[^A-Za-z0-9._-]", "_");
    }

    // --- files ---

    /**
     * Writes all of it into an existing folder.
     *
     * @return the files
     */
    public List<Path> write(Path folder) {
        try {
            List<Path> files = new ArrayList<>();
            files.add(ArtifactFolder.write(folder.resolve("report.txt"), utf8(String.join("\n", lines) + "\n")));
            for (Map.Entry<String, byte[]> text : texts.entrySet()) {
                files.add(ArtifactFolder.write(folder.resolve(text.getKey()), text.getValue()));
            }
            List<String> saved = new ArrayList<>();
            for (Evidence.Known known : segments) {
                Path file = folder.resolve("segment-" + fileName(known.segment().label()) + ".bin");
                if (save(known.segment(), file)) {
                    files.add(file);
                    saved.add(file.getFileName().toString());
                }
            }
            files.add(ArtifactFolder.write(folder.resolve("replay.sh"), utf8(script(saved))));
            try (DirectoryStream<Path> crashes = Files.newDirectoryStream(folder, "hs_err_*.log")) {
                crashes.forEach(files::add); // by JVM helpers
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the report of " + owner + " to " + folder, e);
        }
    }

    private static boolean save(Segment segment, Path file) throws IOException {
        if (isTruncated(segment)) {
            return false;
        }
        try (OutputStream out = ArtifactFolder.create(file)) {
            long size = Math.min(segment.size(), SAVED_MAX);
            for (long offset = 0; offset < size; offset += PIECE) {
                out.write(segment.getBytes(offset, (int) Math.min(PIECE, size - offset)));
            }
            return true;
        } catch (IllegalStateException | InternalError e) { // closed, or truncated: the report says so
            Files.deleteIfExists(file);
            return false;
        }
    }

    private String script(List<String> saved) {
        StringBuilder script = new StringBuilder("#!/bin/sh\n# Puts the saved bytes of " + owner.replace('\n', ' ')
                + " back as POSIX shared memory, to look at and to attach to.\n"
                + "# To run the test again as it was: -D" + Setting.SEED.key() + "=" + seed + "\n"
                + "# -C: into new files only, since anybody may have made one of these names in /dev/shm.\n"
                + "set -Ceu\ncd \"$(dirname \"$0\")\"\n");
        for (String file : saved) {
            String name = "shmkit-replay-" + file.substring("segment-".length(), file.length() - ".bin".length());
            script.append("(umask 077; cat '")
                    .append(file)
                    .append("' > '/dev/shm/")
                    .append(name)
                    .append("')\necho '")
                    .append(file)
                    .append(" is now /")
                    .append(name)
                    .append("; rm /dev/shm/")
                    .append(name)
                    .append(" when done'\n");
        }
        return script.toString();
    }
}
