package io.github.shmkit.internal.ipc;

import io.github.shmkit.SharedMutex;
import io.github.shmkit.internal.os.Sync;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A mutex in a mapped segment. */
final class PlacedMutex extends Placed implements SharedMutex {
    /**
     * The memory of mutexes that threads of this JVM have: the C library keeps those of each thread in a list, and writes
     * to them when the thread locks another one, so they must stay mapped even if the segment is closed.
     */
    private static final Map<Long, ByteBuffer> HELD = new ConcurrentHashMap<>();

    PlacedMutex(MappedSegment segment, long offset) {
        super(segment, offset, Sync.OBJECT_SIZE);
    }

    @Override
    public SharedMutex init() {
        must("pthread_mutex_init", address -> {
            Sync.mutexInit(address);
            return 0;
        });
        return this;
    }

    @Override
    public State lock(Duration max) {
        return locked(insist("lock", max, Sync::mutexLock));
    }

    State locked(int found) {
        call(address -> {
            HELD.put(address, memory());
            return 0;
        });
        return found == Sync.EOWNERDEAD ? State.OWNER_DIED : State.CONSISTENT;
    }

    @Override
    public void markConsistent() {
        must("pthread_mutex_consistent", Sync::mutexConsistent);
    }

    @Override
    public void unlock() {
        must("pthread_mutex_unlock", address -> {
            int error = Sync.mutexUnlock(address);
            if (error == 0) {
                HELD.remove(address);
            }
            return error;
        });
    }
}
