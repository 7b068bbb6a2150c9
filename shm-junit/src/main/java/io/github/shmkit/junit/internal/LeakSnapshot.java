package io.github.shmkit.junit.internal;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.session.Session;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The shared objects of this user on this machine at one moment, without those that the session of this JVM made.
 *
 * @param objects by what tells them apart
 */
public record LeakSnapshot(Map<Object, Finding> objects) {
    private static final Set<IpcKind> KINDS = EnumSet.of(
            IpcKind.SYSV_SHM,
            IpcKind.SYSV_SEM,
            IpcKind.SYSV_MSG,
            IpcKind.POSIX_SHM,
            IpcKind.POSIX_SEM,
            IpcKind.POSIX_MQ);

    /** Keeps a copy. */
    public LeakSnapshot {
        objects = Map.copyOf(objects);
    }

    private record Key(IpcKind kind, Identity identity) {}

    /** What is there now. */
    public static LeakSnapshot take() {
        long uid = Session.uid();
        List<IpcObject> candidates = Inventory.scan(KINDS).objects().stream()
                .filter(object -> object.uid() == uid)
                .filter(object -> !object.isMarkedForDestruction())
                .filter(object -> !Session.owns(object))
                .toList();
        if (candidates.isEmpty()) {
            return new LeakSnapshot(Map.of());
        }
        // Seen before we asked whose it is, one of our own may just have been removed.
        Set<Key> still = Inventory.scan(KINDS).objects().stream()
                .map(object -> new Key(object.kind(), object.identity()))
                .collect(Collectors.toSet());
        Map<Object, Finding> objects = new HashMap<>();
        for (IpcObject object : candidates) {
            Key key = new Key(object.kind(), object.identity());
            if (still.contains(key)) {
                objects.put(key, finding(object));
            }
        }
        return new LeakSnapshot(objects);
    }

    private static Finding finding(IpcObject object) {
        String maker = object.creatorPid() > 0 ? "made by process " + object.creatorPid() : "";
        return new Finding(
                Finding.Kind.valueOf(object.kind().name()),
                object.address(),
                OptionalLong.of(object.size()),
                Finding.Creator.of(object.creatorPid()),
                describe(object) + " exists",
                maker,
                List.of());
    }

    private static String describe(IpcObject object) {
        return switch (object.kind()) {
            case SYSV_SHM -> "System V segment " + object.address() + " of " + object.size() + " bytes";
            case SYSV_SEM -> "System V semaphore set " + object.address() + " of " + object.size() + " semaphores";
            case SYSV_MSG -> "System V queue " + object.address() + " with " + object.size() + " bytes in it";
            case POSIX_SEM -> "semaphore " + object.address();
            case POSIX_MQ -> "queue " + object.address();
            default -> "object " + object.address() + " of " + object.size() + " bytes";
        };
    }

    /** What is there now and was not before. */
    public List<Finding> since(LeakSnapshot before) {
        return objects.entrySet().stream()
                .filter(entry -> !before.objects.containsKey(entry.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** Whether the object of a finding is there still; what is no object is. */
    static boolean exists(Finding finding) {
        return finding.address().isEmpty()
                || Inventory.scan(KINDS).objects().stream().anyMatch(object -> finding.isSameAs(finding(object)));
    }
}
