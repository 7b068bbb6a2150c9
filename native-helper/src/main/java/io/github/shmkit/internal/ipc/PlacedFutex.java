package io.github.shmkit.internal.ipc;

import io.github.shmkit.Futex;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.Sync;
import java.time.Duration;

/** A futex in a mapped segment. */
final class PlacedFutex extends Placed implements Futex {
    PlacedFutex(MappedSegment segment, long offset) {
        super(segment, offset, Integer.BYTES);
    }

    @Override
    public void await(int expected, Duration max) {
        insist("await", max, (address, millis) -> {
            int error = Sync.futexWait(address, expected, millis);
            return error == Errno.EAGAIN ? 0 : error; // another number already
        });
    }

    @Override
    public int wake(int count) {
        return call(address -> Sync.futexWake(address, count));
    }
}
