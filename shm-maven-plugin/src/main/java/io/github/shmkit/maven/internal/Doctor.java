package io.github.shmkit.maven.internal;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.Isolation;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.ipc.ShmUsage;
import io.github.shmkit.internal.sweep.Survey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** The goal {@code shm:doctor}: what this host allows and how full it is, on one page. */
public final class Doctor {
    private static final int CREATORS_MAX = 5;
    private static final int MOUNT_TYPE_FROM_DASH = 1;

    private Doctor() {}

    /**
     * Looks, and tells.
     *
     * @param file for the same as JSON; empty for none
     */
    public static void run(Optional<Path> file, Console console) {
        Examination found = examine();
        found.lines().forEach(console::info);
        file.ifPresent(to -> ReportFiles.write(to, Json.write(found.toMap()), console));
    }

    /** Objects of one creator: a user, and its program where that still runs. */
    record Creator(String name, long uid, long objects, long bytes) {}

    /** What was found. */
    record Examination(
            Optional<Attribution> attribution,
            String attributionFailure,
            Optional<String> noIsolation,
            OptionalLong leases,
            OptionalLong rmidForced,
            List<Limits.Limit> limits,
            Optional<ShmUsage> shm,
            List<String> fills,
            List<String> hugetlbfs,
            List<Creator> creators,
            List<String> gaps) {

        List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add("Who creates an object: "
                    + attribution.map(Attribution::summary).orElse(attributionFailure));
            attribution.ifPresent(a -> a.lines().forEach(line -> lines.add("  " + line.text())));
            lines.add("Hermetic mode (shm.isolate): "
                    + noIsolation
                            .map(why -> "not available: " + Printable.text(why))
                            .orElse("available"));
            if (leases.isPresent() && leases.getAsLong() == 0) {
                lines.add("Files cannot be proved unused, so none is removed: run 'sysctl fs.leases-enable=1'");
            }
            if (rmidForced.isPresent() && rmidForced.getAsLong() != 0) {
                lines.add(
                        "The kernel removes unattached System V segments with their creators (kernel.shm_rmid_forced)");
            }
            lines.add("Limits:");
            limits.forEach(limit -> lines.add("  " + limit.text()));
            lines.add(shm.map(usage -> "/dev/shm: " + Size.bytes(usage.used()) + " used of "
                            + (usage.size() == 0 ? "no limit" : Size.bytes(usage.size())) + ", of it "
                            + Size.bytes(usage.nameless()) + " without a name")
                    .orElse("/dev/shm: there is none"));
            fills.forEach(line -> lines.add("  " + line));
            hugetlbfs.forEach(mount ->
                    lines.add("hugetlbfs: mounted on " + Printable.text(mount) + ", which shmkit does not look at"));
            lines.add(creators.isEmpty() ? "Objects: none" : "Objects, by creator:");
            creators.forEach(creator -> lines.add("  " + Printable.text(creator.name()) + ", user " + creator.uid()
                    + ": " + Summary.count(creator.objects(), "object", "objects") + ", "
                    + Size.bytes(creator.bytes())));
            gaps.forEach(gap -> lines.add("Not looked at: " + Printable.text(gap)));
            return lines;
        }

        Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("schema", 1);
            map.put("generator", "shm-maven-plugin");
            map.put("level", attribution.map(Attribution::level).orElse(""));
            map.put(
                    "attribution",
                    attribution.map(Attribution::lines).orElse(List.of()).stream()
                            .map(line -> {
                                Map<String, Object> one = new LinkedHashMap<>();
                                one.put("kinds", line.kinds());
                                one.put("state", line.state());
                                one.put("remedy", line.remedy());
                                return one;
                            })
                            .toList());
            map.put("hermetic", noIsolation.isEmpty());
            map.put("hermeticHindrance", Printable.text(noIsolation.orElse("")));
            map.put(
                    "limits",
                    limits.stream()
                            .map(limit -> {
                                Map<String, Object> one = new LinkedHashMap<>();
                                one.put("name", limit.key());
                                limit.used().ifPresent(used -> one.put("used", used));
                                limit.max().ifPresent(max -> one.put("max", max));
                                one.put("setting", limit.setting());
                                return one;
                            })
                            .toList());
            shm.ifPresent(usage -> {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("size", usage.size());
                one.put("used", usage.used());
                one.put("nameless", usage.nameless());
                map.put("shm", one);
            });
            map.put("fills", fills);
            map.put("hugetlbfs", hugetlbfs.stream().map(Printable::text).toList());
            map.put(
                    "creators",
                    creators.stream()
                            .map(creator -> {
                                Map<String, Object> one = new LinkedHashMap<>();
                                one.put("name", Printable.text(creator.name()));
                                one.put("uid", creator.uid());
                                one.put("objects", creator.objects());
                                one.put("bytes", creator.bytes());
                                return one;
                            })
                            .toList());
            map.put("gaps", gaps.stream().map(Printable::text).toList());
            return map;
        }
    }

    static Examination examine() {
        Optional<Attribution> attribution = Optional.empty();
        String failure = "";
        try {
            attribution = Optional.of(Attribution.here());
        } catch (ShmException e) {
            failure = "unknown: " + Printable.text(String.valueOf(e.getMessage()));
        }
        Inventory inventory = Inventory.scan(EnumSet.allOf(IpcKind.class));
        List<String> gaps = new ArrayList<>(inventory.gaps());
        Survey.hiddenProcesses().ifPresent(gaps::add);
        Optional<ShmUsage> shm = usage();
        return new Examination(
                attribution,
                failure,
                Isolation.hindrance(),
                Limits.number(Path.of("/proc/sys/fs/leases-enable"), 0),
                Limits.number(Path.of("/proc/sys/kernel/shm_rmid_forced"), 0),
                Limits.all(queues(inventory)),
                shm,
                shm.isPresent() ? Unlisted.all(false) : List.of(),
                hugetlbfs(),
                creators(inventory.objects()),
                gaps);
    }

    private static OptionalLong queues(Inventory inventory) {
        return inventory.unlisted().contains(IpcKind.POSIX_MQ)
                ? OptionalLong.empty()
                : OptionalLong.of(inventory.objects().stream()
                        .filter(object -> object.kind() == IpcKind.POSIX_MQ)
                        .count());
    }

    private static Optional<ShmUsage> usage() {
        try {
            return Optional.of(ShmUsage.look());
        } catch (ShmException e) {
            return Optional.empty(); // there is no /dev/shm
        }
    }

    private static List<String> hugetlbfs() {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)) {
            return mounts.map(line -> line.split(" ", -1))
                    .filter(fields -> isHugetlbfs(List.of(fields)))
                    .map(fields -> fields[4])
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The type stands behind the dash that ends the optional fields. */
    private static boolean isHugetlbfs(List<String> fields) {
        int dash = fields.indexOf("-");
        return dash > 0
                && fields.size() > dash + MOUNT_TYPE_FROM_DASH
                && fields.get(dash + MOUNT_TYPE_FROM_DASH).equals("hugetlbfs");
    }

    /** Those of the most memory; of a file nothing but its owner is known. */
    private static List<Creator> creators(List<IpcObject> objects) {
        Map<String, Creator> creators = new LinkedHashMap<>();
        for (IpcObject object : objects) {
            long pid = object.creatorPid();
            String name = pid == 0
                    ? "creator unknown"
                    : Programs.isAlive(pid) ? Programs.describe(pid) : "processes that have ended";
            long uid = object.identity() instanceof Identity.OfSysv sysv ? sysv.creatorUid() : object.uid();
            boolean bytes = !Set.of(IpcKind.SYSV_SEM, IpcKind.DIRECTORY).contains(object.kind());
            creators.merge(
                    name + " " + uid,
                    new Creator(name, uid, 1, bytes ? Size.held(object) : 0),
                    (a, b) -> new Creator(name, uid, a.objects() + b.objects(), a.bytes() + b.bytes()));
        }
        return creators.values().stream()
                .sorted(Comparator.comparing(Creator::bytes)
                        .thenComparing(Creator::objects)
                        .reversed())
                .limit(CREATORS_MAX)
                .toList();
    }
}
