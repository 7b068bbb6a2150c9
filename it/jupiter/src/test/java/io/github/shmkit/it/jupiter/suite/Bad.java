package io.github.shmkit.it.jupiter.suite;

import static org.hamcrest.Matchers.is;

import io.github.shmkit.Segment;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.NativeHelper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that fail, each in its way. */
@ExtendWith(ShmExtension.class)
public class Bad {
    /** Tests of this class. */
    public static final int TESTS = 4;

    @Test
    void fails(@Shm(label = "ring") Segment segment) {
        segment.putInt(16, 0x11223344);
        throw new IllegalStateException("on purpose");
    }

    @Test
    void leaks(@Shm(label = "left") Segment segment) throws IOException {
        String path = ((io.github.shmkit.SegmentAddress.ByPath) segment.address()).path();
        held = new RandomAccessFile(path, "r");
    }

    @SuppressWarnings("NullAway.Init")
    static RandomAccessFile held;

    @Test
    void losesAHelper(ShmTestkit kit) {
        var unused =
                kit.command("victim", "/bin/sh", "-c", "kill -SEGV $$").start().awaitExit();
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.SECONDS)
    void waitsTooLong(@Shm(label = "never") Segment segment, ShmTestkit kit) {
        NativeHelper peer = kit.nativeHelper("peer").attach(segment).start();
        try {
            kit.await("what never comes").atMost(Duration.ofSeconds(30)).untilInt(segment, 0, is(1));
        } finally {
            peer.close(); // too late for the report to see it alive, but for evidence that was taken before
        }
    }
}
