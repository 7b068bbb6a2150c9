package io.github.shmkit.internal.ipc;

import io.github.shmkit.SharedCondition;
import io.github.shmkit.SharedMutex;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.Sync;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** A condition variable in a mapped segment. */
final class PlacedCondition extends Placed implements SharedCondition {
    PlacedCondition(MappedSegment segment, long offset) {
        super(segment, offset, Sync.OBJECT_SIZE);
    }

    @Override
    public SharedCondition init() {
        must("pthread_cond_init", address -> {
            Sync.conditionInit(address);
            return 0;
        });
        return this;
    }

    /** Looks at the condition after every slice: a wake-up between two of them would be lost otherwise. */
    @Override
    public SharedMutex.State await(SharedMutex mutex, BooleanSupplier condition, Duration max) {
        if (!(mutex instanceof PlacedMutex placed)) {
            throw new IllegalArgumentException("the mutex must be one of a segment of this JVM, not " + mutex);
        }
        if (condition.getAsBoolean()) {
            return SharedMutex.State.CONSISTENT;
        }
        int found = insist(
                "await",
                max,
                (address, millis) -> placed.call(lock -> {
                    int error = Sync.conditionWait(address, lock, millis);
                    if (error == 0 && !condition.getAsBoolean()) {
                        return Errno.EAGAIN;
                    }
                    return error == Sync.ETIMEDOUT && condition.getAsBoolean() ? 0 : error;
                }));
        return placed.locked(found);
    }

    @Override
    public void signal() {
        wake(false);
    }

    @Override
    public void broadcast() {
        wake(true);
    }

    private void wake(boolean all) {
        call(address -> {
            Sync.conditionSignal(address, all);
            return 0;
        });
    }
}
