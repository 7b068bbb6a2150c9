package io.github.shmkit.junit.internal;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.internal.helper.HelperProcess;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.ipc.MappedSegment;
import io.github.shmkit.internal.session.Session;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds what one test left, by what can be proved of each thing, and not by what is there more than before: others work
 * on this machine and in this JVM too.
 */
final class Leaks {
    private static final int COLLECTIONS = 5;
    private static final long COLLECTION_PAUSE_NANOS = 20_000_000;
    private static final String THIS_JVM = "self";

    private final Session session;
    private final Baseline baseline;
    private final Run run;
    private final Set<String> adopted;
    private final List<Finding> attributed = new ArrayList<>();
    private final List<Finding> unattributed = new ArrayList<>();

    /** What the test had: by path or System V id. */
    private final Map<String, Owned> owned = new HashMap<>();
    /** What helpers had before they were ended. */
    private final Map<HelperProcess, List<SharedView>> helperViews = new LinkedHashMap<>();

    private final Map<HelperProcess, List<ProcessTree.Member>> started = new LinkedHashMap<>();
    private final Set<HelperProcess> endedBefore = new HashSet<>();

    /**
     * An object of the test.
     *
     * @param what for messages, with its label
     * @param key what a process shows that has it mapped or open; empty where none does
     * @param change what happened to it but by the test's kit
     * @param close ends it; true if nobody can have it mapped or open any more
     */
    record Owned(
            String what,
            Supplier<String> key,
            Supplier<Optional<String>> change,
            BooleanSupplier close,
            Origin origin) {
        static Owned of(Segment segment, Origin origin) {
            String key = Leaks.key(segment); // while it is certainly open: a memfd's number is soon another file's
            return new Owned(
                    "segment '" + segment.label() + "'",
                    () -> key,
                    Integrity.of(segment),
                    () -> closeAndAsk(segment),
                    origin);
        }

        static <T> Owned of(ObjectSpec.Other<T> spec, T object, Origin origin) {
            return new Owned(
                    String.valueOf(object),
                    () -> spec.shownAs(object),
                    Optional::empty,
                    () -> closeAndAsk(spec, object),
                    origin);
        }

        private static boolean closeAndAsk(Segment segment) {
            if (segment instanceof MappedSegment mapped) {
                return mapped.closeAndProveUnused();
            }
            segment.close();
            return false;
        }

        private static <T> boolean closeAndAsk(ObjectSpec.Other<T> spec, T object) {
            boolean shown = !spec.shownAs(object).isEmpty();
            spec.close(object);
            return !shown;
        }
    }

    Leaks(Run run, Baseline baseline) {
        this.session = run.session();
        this.run = run;
        this.adopted = run.adopted();
        this.baseline = baseline;
    }

    /** What was found, and is certainly of the test. */
    List<Finding> attributed() {
        return attributed;
    }

    /** What was made in this JVM or by an orphan while the test ran, by it or by another one. */
    List<Finding> unattributed() {
        return unattributed;
    }

    // --- before anything is ended ---

    void look(List<Owned> objects, List<HelperProcess> helpers) {
        objects.forEach(each -> owned.put(each.key().get(), each));
        for (HelperProcess helper : helpers) {
            if (helper.isAlive()) {
                helperViews.put(helper, views(helper));
                started.put(helper, ProcessTree.descendants(helper.pid()));
            } else {
                endedBefore.add(helper);
            }
        }
    }

    private static List<SharedView> views(HelperProcess helper) {
        String pid = Long.toString(helper.pid());
        List<SharedView> views = new ArrayList<>(SharedView.mappings(pid));
        views.addAll(SharedView.descriptors(pid));
        return views;
    }

    /** What a process shows that has it mapped. */
    static String key(Segment segment) {
        if (segment.address() instanceof SegmentAddress.BySysv sysv) {
            return sysvKey(sysv.shmid());
        }
        String path = ((SegmentAddress.ByPath) segment.address()).path();
        if (segment.kind() != SegmentKind.MEMFD) {
            return new File(path).getPath(); // without doubled slashes, as the kernel shows it
        }
        try {
            return Names.text(Files.readSymbolicLink(Path.of(path))).replace(" (deleted)", "");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot find out the name of segment '" + segment.label() + "'", e);
        }
    }

    private static String sysvKey(long id) {
        return "shmid " + id;
    }

    private static String key(SharedView view) {
        return view.isSysv() ? sysvKey(view.inode()) : view.name();
    }

    // --- after helpers are ended ---

    /**
     * Processes that helpers started; those that are certainly theirs are ended.
     *
     * @param grace what ends by itself until then is none
     */
    void findProcesses(List<HelperProcess> helpers, Set<Long> allHelperPids, Duration grace) {
        if (helpers.isEmpty()) {
            return;
        }
        long until = System.nanoTime() + grace.toNanos();
        List<ProcessTree.Member> orphans =
                ProcessTree.children(session.supervisor().pid());
        started.values()
                .forEach(all -> all.stream()
                        .filter(member -> orphans.stream().noneMatch(orphan -> orphan.pid() == member.pid()))
                        .forEach(orphans::add));
        for (ProcessTree.Member orphan : orphans) {
            if (!allHelperPids.contains(orphan.pid())) {
                Optional<HelperProcess> leader =
                        helpers.stream().filter(helper -> isOf(helper, orphan)).findFirst();
                if (leader.isPresent()) {
                    judge(orphan, leader.get(), until);
                } else if (!allHelperPids.contains(orphan.group())
                        && !isHelperInTheMaking(orphan)
                        && orphans.stream().noneMatch(other -> other.isTracedBy(orphan))
                        && !endsBy(until, orphan)) {
                    unattributed.add(new Finding(
                            Finding.Kind.PROCESS,
                            "",
                            orphan + " is still alive",
                            "a helper started it, which has ended since",
                            List.of()));
                }
            }
        }
    }

    /** Started by the supervisor for a test that runs at the same time, and not known to it yet. */
    private boolean isHelperInTheMaking(ProcessTree.Member orphan) {
        return orphan.command().contains(" shm-helper supervise ")
                || (orphan.group() == orphan.pid() && session.supervisor().mayHaveStarted(orphan.pid()));
    }

    private boolean isOf(HelperProcess helper, ProcessTree.Member orphan) {
        return orphan.group() == helper.pid()
                || started.getOrDefault(helper, List.of()).stream()
                        .anyMatch(member -> member.pid() == orphan.pid() && member.startTime() == orphan.startTime());
    }

    private void judge(ProcessTree.Member orphan, HelperProcess leader, long until) {
        if (!endsBy(until, orphan)) {
            attributed.add(new Finding(
                    Finding.Kind.PROCESS,
                    "",
                    orphan + " is still alive",
                    leader + " started it and has ended; it was killed now. Have the helper end what it starts",
                    List.of()));
            orphan.kill();
        }
    }

    /** Whether a process ends by itself until then; one that is stopped does not. */
    private static boolean endsBy(long until, ProcessTree.Member orphan) {
        while (orphan.isAlive()) {
            if (orphan.isStopped() || System.nanoTime() - until >= 0) {
                return !orphan.isAlive();
            }
            LockSupport.parkNanos(1_000_000);
        }
        return true;
    }

    // --- before segments are closed ---

    /** The test's objects that were changed, though not by its kit. */
    void findChanged() {
        owned.forEach((key, object) -> {
            Optional<String> change = run.changed().contains(key)
                    ? Optional.empty()
                    : object.change().get();
            change.ifPresent(what -> attributed.add(new Finding(
                    Finding.Kind.CHANGED,
                    "",
                    object.what() + " (" + key + ") " + what,
                    "by this test without kit.faults(), or by another process, as Python's resource tracker does with "
                            + "what its program opened; if it is meant, declare @ExpectLeak(CHANGED)"
                            + (object.origin().summary().isEmpty()
                                    ? ""
                                    : "; " + object.origin().summary()),
                    object.origin().stack())));
        });
    }

    // --- after segments are closed ---

    /**
     * Looks for views of the test's segments and for objects that others made.
     *
     * @param survivors helpers that go on after the test
     * @param unused whether nobody can have the test's objects mapped or open any more
     * @param alone whether what came, and nobody has, is of no other test of this JVM
     */
    void findObjects(List<HelperProcess> survivors, boolean unused, boolean alone) {
        // To read what this JVM has mapped and open takes longer than all else, so not where nothing can come of it.
        List<Path> newFiles = baseline.newFiles();
        List<SharedView> ours = unused && newFiles.isEmpty() ? List.of() : ours();
        if (ours.stream().anyMatch(view -> owned.containsKey(key(view)))) {
            ours = afterCollection();
        }
        ours.forEach(view -> judge(view, "this JVM", true));
        helperViews.forEach((helper, views) -> views.forEach(view -> judge(view, helper.toString(), false)));
        for (HelperProcess survivor : survivors) {
            if (survivor.isAlive()) {
                views(survivor).stream()
                        .filter(view -> owned.containsKey(key(view)))
                        .forEach(view -> judge(view, survivor + ", which lives on", true));
            }
        }
        findSysv();
        if (alone && !newFiles.isEmpty()) {
            findUnused(newFiles);
        }
    }

    /**
     * Objects that came during the test and that no process of others uses. The kernel does not record who created a
     * file: what is new and nobody else's is the test's, unless another test JVM runs at the same time.
     */
    private void findUnused(List<Path> newFiles) {
        List<Finding> candidates = newFiles.stream()
                .filter(Leaks::isOfThisUser)
                .map(Leaks::unused)
                .filter(finding -> !adopted.contains(finding.address()))
                .filter(finding -> Stream.of(attributed, unattributed)
                        .flatMap(List::stream)
                        .noneMatch(finding::isSameAs))
                .toList();
        if (candidates.isEmpty() || Baseline.hasNeighbours()) {
            return;
        }
        Set<String> used = usedByOthers();
        candidates.stream()
                .filter(finding -> !used.contains(finding.address()))
                .filter(LeakSnapshot::exists) // it may have gone, as what is in use by turns does
                .forEach(unattributed::add);
    }

    private static boolean isOfThisUser(Path file) {
        try {
            return Status.of(file)
                    .filter(status -> status.uid() == ProcessTree.euid() && status.isRegular())
                    .isPresent();
        } catch (IOException e) {
            return false; // whose it is cannot be found out
        }
    }

    private static Finding unused(Path file) {
        String path = Names.text(file);
        boolean queue = path.startsWith(SharedView.MQUEUE);
        boolean semaphore = path.startsWith(SharedView.SHM + "sem.");
        return new Finding(
                queue ? Finding.Kind.POSIX_MQ : semaphore ? Finding.Kind.POSIX_SEM : Finding.Kind.POSIX_SHM,
                path,
                "object " + path + " exists",
                "it came during the test, and no other process has it open; have its creator "
                        + (queue ? "mq_unlink" : semaphore ? "sem_unlink" : "shm_unlink") + " it",
                List.of());
    }

    /** What the processes of this user have open or mapped that neither are this JVM nor were started by it. */
    private Set<String> usedByOthers() {
        long supervisor = session.supervisor().pid();
        Set<Long> ours = ProcessTree.descendants(ProcessHandle.current().pid()).stream()
                .map(ProcessTree.Member::pid)
                .collect(Collectors.toSet());
        ours.add(ProcessHandle.current().pid());
        // Helpers that are alive are of the class, or of another test, which answers for what they use.
        ProcessTree.descendants(supervisor).forEach(member -> ours.remove(member.pid()));
        Set<String> used = new HashSet<>();
        ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> !ours.contains(pid))
                .forEach(pid -> used.addAll(SharedView.used(Long.toString(pid))));
        return used;
    }

    private List<SharedView> ours() {
        List<SharedView> views = new ArrayList<>(SharedView.mappings(THIS_JVM));
        views.addAll(SharedView.descriptors(THIS_JVM));
        return views;
    }

    /** A FileChannel's mapping cannot be closed but by the collector: what it takes is no leak. */
    private List<SharedView> afterCollection() {
        List<SharedView> views = List.of();
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            LockSupport.parkNanos(COLLECTION_PAUSE_NANOS);
            views = ours();
            if (views.stream().noneMatch(view -> owned.containsKey(key(view)))) {
                break;
            }
        }
        return views;
    }

    private void judge(SharedView view, String who, boolean afterwards) {
        Owned object = owned.get(key(view));
        if (object != null) {
            if (afterwards) {
                attributed.add(ofOwned(view, object, who));
            }
        } else if (view.name().startsWith(SharedView.SHM) && !adopted.contains(view.name())) {
            if (!view.deleted() && !baseline.hasOrIsOfASession(view.name()) && Files.exists(view.path())) {
                Finding finding = new Finding(
                        view.name().startsWith(SharedView.SHM + "sem.")
                                ? Finding.Kind.POSIX_SEM
                                : Finding.Kind.POSIX_SHM,
                        view.name(),
                        "object " + view.name() + " exists",
                        (view.isMapping() ? "mapped by " : "open as descriptor " + view.fd() + " of ") + who
                                + "; have its maker shm_unlink it",
                        List.of());
                add(finding, afterwards);
            }
        }
    }

    private void add(Finding finding, boolean byThisJvm) {
        List<Finding> list = byThisJvm ? unattributed : attributed;
        boolean known = attributed.stream()
                .anyMatch(
                        other -> other.kind() == finding.kind() && other.what().equals(finding.what()));
        if (!known && !list.contains(finding)) {
            list.add(finding);
        }
    }

    private static Finding ofOwned(SharedView view, Owned owned, String who) {
        String origin = owned.origin().summary();
        String what = view.isMapping()
                ? owned.what() + " is still mapped"
                : owned.what() + " is still open, as descriptor " + view.fd();
        return new Finding(
                view.isMapping() ? Finding.Kind.MAPPING : Finding.Kind.DESCRIPTOR,
                "",
                what,
                "by " + who + (origin.isEmpty() ? "" : "; " + origin),
                owned.origin().stack());
    }

    private void findSysv() {
        if (!Inventory.mayHaveSysvShm()) {
            return;
        }
        Map<Long, HelperProcess> makers = new HashMap<>();
        helperViews.keySet().forEach(helper -> makers.put(helper.pid(), helper));
        endedBefore.forEach(helper -> makers.put(helper.pid(), helper));
        long self = ProcessHandle.current().pid();
        List<IpcObject> candidates = sysv().stream()
                .filter(object -> object.creatorPid() == self || makers.containsKey(object.creatorPid()))
                .filter(object -> !object.isMarkedForDestruction())
                .filter(object ->
                        object.identity() instanceof Identity.OfSysv sysv && !baseline.hasSysv(sysv.key(), sysv.id()))
                .filter(object -> !Session.owns(object))
                .toList();
        if (candidates.isEmpty()) {
            return;
        }
        // Seen before we asked whose it is, one of our own may just have been removed.
        Set<Identity> still = sysv().stream().map(IpcObject::identity).collect(Collectors.toSet());
        for (IpcObject object : candidates) {
            if (still.contains(object.identity())) {
                HelperProcess maker = makers.get(object.creatorPid());
                add(
                        new Finding(
                                Finding.Kind.SYSV_SHM,
                                object.address(),
                                OptionalLong.of(object.size()),
                                Finding.Creator.of(object.creatorPid()),
                                "System V segment " + object.address() + " of " + object.size() + " bytes exists",
                                "made by " + (maker == null ? "this JVM" : maker) + "; have its maker remove it "
                                        + "(shmctl IPC_RMID); `ipcrm -m "
                                        + ((Identity.OfSysv) object.identity()).id() + "` removes it now",
                                List.of()),
                        maker == null);
            }
        }
    }

    private static List<IpcObject> sysv() {
        return Inventory.scan(Set.of(IpcKind.SYSV_SHM)).objects();
    }
}
