package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.OpenWatch;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.PrivateDir;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Which objects are opened while a sweep waits for its second look: by whoever uses them by turns. */
final class Openings implements AutoCloseable {
    private final Optional<OpenWatch> shm;
    private final Optional<OpenWatch> queues;
    private final Set<RawName> inShm = new HashSet<>();
    private final Set<RawName> inQueues = new HashSet<>();
    private final Set<RawName> unwatched = new HashSet<>();

    Openings(Optional<OpenWatch> shm, Optional<OpenWatch> queues) {
        this.shm = shm;
        this.queues = queues;
    }

    /** Also in the directories below /dev/shm that hold any of these. */
    static Openings watch(Collection<IpcObject> objects) {
        Openings openings = new Openings(OpenWatch.of(PrivateDir.SHM), OpenWatch.of("/dev/mqueue"));
        objects.stream()
                .filter(object ->
                        object.kind() == IpcKind.POSIX_SHM && object.name().isNested())
                .map(object -> object.name().split()[0])
                .distinct()
                .forEach(directory -> {
                    if (!openings.shm
                            .map(watch -> watch.addBelow(PrivateDir.SHM, directory))
                            .orElse(false)) {
                        openings.unwatched.add(directory);
                    }
                });
        return openings;
    }

    void read() {
        shm.ifPresent(watch -> inShm.addAll(watch.names()));
        queues.ifPresent(watch -> inQueues.addAll(watch.names()));
    }

    /** Whether that object was opened in between, or may have been because /dev/shm could not be watched. */
    boolean mayHave(IpcObject object) {
        if (object.kind().isSysv() || object.kind() == IpcKind.MMAP_FILE || object.kind() == IpcKind.DIRECTORY) {
            return false;
        }
        if (object.name().isNested() && unwatched.contains(object.name().split()[0])) {
            return true;
        }
        boolean queue = object.kind() == IpcKind.POSIX_MQ;
        return (queue ? inQueues : inShm).contains(object.name())
                // Queues need not be mounted; without a watch of /dev/shm the kernel refused one, see inotify_init(2).
                || (queue ? queues : shm).map(OpenWatch::isOverflown).orElse(!queue);
    }

    @Override
    public void close() {
        shm.ifPresent(OpenWatch::close);
        queues.ifPresent(OpenWatch::close);
    }
}
