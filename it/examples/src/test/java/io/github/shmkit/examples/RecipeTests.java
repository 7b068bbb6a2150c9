package io.github.shmkit.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.junit.LeakPolicy;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmSemaphore;
import io.github.shmkit.junit.ShmSettings;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.Remote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Shorter answers of the guide. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RecipeTests {
    // tag::settings[]
    @RegisterExtension
    static final ShmSettings SETTINGS = ShmSettings.builder()
            .kind(SegmentKind.MMAP_FILE)
            .leakPolicy(LeakPolicy.WARN)
            .timeoutFactor(2)
            .build();
    // end::settings[]

    // tag::scopes[]
    @Shm(size = 64)
    static Segment ofTheClass;

    @Shm(size = 64)
    Segment ofTheTest;
    // end::scopes[]

    @Test
    @Order(1)
    void theFirstTestWrites() {
        assertThat(ofTheClass.kind()).isEqualTo(SegmentKind.MMAP_FILE);
        ofTheClass.putInt(0, 1);
        ofTheTest.putInt(0, 1);
    }

    @Test
    @Order(2)
    void theSecondFindsWhatIsOfTheClass() {
        assertThat(ofTheClass.getInt(0)).isEqualTo(1);
        assertThat(ofTheTest.getInt(0)).isZero();
    }

    @Test
    void aSemaphoreAcrossJvms(@ShmSemaphore NamedSemaphore turn, @Shm(size = 64) Segment segment, ShmTestkit kit) {
        String name = turn.name();
        JvmHelper other = kit.jvm("other").attach(segment).start();
        Remote<Integer> seen = other.submit(context -> {
            context.semaphore(name).acquire(Duration.ofSeconds(10));
            return context.segment().getInt(0);
        });

        segment.putInt(0, 42);
        turn.release();

        assertThat(seen.await()).isEqualTo(42);
    }

    @Test
    void aSegmentThatTheCodeUnderTestMade(ShmTestkit kit) throws IOException {
        String name = "/dev/shm/ring-" + ProcessHandle.current().pid();
        Files.write(Path.of(name), new byte[4096]); // the code under test

        Segment ring = kit.adopt(new SegmentAddress.ByPath(SegmentKind.POSIX_SHM, name, 4096));
        kit.nativeHelper("writer").attach(ring).start().putLong(0, 7);
        assertThat(ring.getLong(0)).isEqualTo(7);

        kit.faults().unlink(ring);
    }
}
