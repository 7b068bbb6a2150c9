package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code under test may bring an old JNA, which then is the one that shmkit gets. */
@Timeout(120)
class OldJnaTests {
    /** A round trip through everything that has functions of the C library of its own. */
    static final class RoundTrip {
        private RoundTrip() {}

        public static void main(String[] args) {
            try (Session session = Session.open()) {
                for (SegmentKind kind : SegmentKind.values()) {
                    try (Segment segment = session.create(
                                    SegmentSpec.of(kind).size(100_000).label("data"));
                            NativeHelper helper = new NativeHelpers(session.supervisor(), new Timeouts(1))
                                    .helper("peer")
                                    .attach(segment)
                                    .start()) {
                        helper.putLong(99_992, 42);
                        NativeHelper child = helper.fork("child");
                        System.out.println(kind + " " + segment.getLong(99_992) + " " + child.getLong(99_992));
                        helper.putBytes(0, new byte[90_000]);
                    }
                }
                try (Segment segment = session.create(
                                SegmentSpec.of(SegmentKind.MEMFD).size(4096).label("data"));
                        SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1));
                        JvmLauncher launcher = new JvmLauncher(session, new Timeouts(1), false);
                        JvmHelper jvm = new JvmHelpers(launcher, checkpoints, new Timeouts(1))
                                .jvm("jvm")
                                .attach(segment)
                                .start()) {
                    segment.mutexAt(0).init();
                    jvm.call(context -> {
                        context.segment("data").mutexAt(0).lock(Duration.ofSeconds(1));
                        context.segment("data").putInt(64, 5);
                        context.checkpoints().reach("done");
                        return null;
                    });
                    checkpoints.await("done");
                    System.out.println("jvm " + segment.getInt(64));
                }
                SysvSemaphoreSet semaphores = session.createSemaphoreSet("set", 2, 0);
                semaphores.semop(1, 3, Duration.ofSeconds(1));
                System.out.println("set " + semaphores.value(1));
                semaphores.close();
                NamedSemaphore semaphore = session.createSemaphore("semaphore", 4);
                System.out.println("semaphore " + semaphore.value());
                semaphore.close();
                PosixQueue queue = session.createQueue("queue", 2, 10);
                queue.send(new byte[] {7}, 0, Duration.ofSeconds(1));
                System.out.println(
                        "queue " + queue.receive(Duration.ofSeconds(1)).bytes().toArray()[0]);
                queue.close();
            }
        }
    }

    private static OtherJvm run(String jna) throws Exception {
        Path jar = Path.of("target", "jna", jna);
        assertThat(Files.exists(jar)).as(jar + ", which the build copies").isTrue();
        String rest = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !entry.contains("/jna"))
                .collect(Collectors.joining(File.pathSeparator));
        assertThat(rest).hasSizeLessThan(System.getProperty("java.class.path").length());
        return OtherJvm.run(jar + File.pathSeparator + rest, RoundTrip.class);
    }

    @Test
    void theOldestThatIsPromisedDoesAll() throws Exception {
        OtherJvm jvm = run("jna-5.5.0.jar");

        assertThat(jvm.status()).as(jvm.output()).isZero();
        assertThat(jvm.output().lines())
                .containsSubsequence(Arrays.stream(SegmentKind.values())
                        .map(kind -> kind + " 42 42")
                        .toList())
                .contains("jvm 5", "set 3", "semaphore 4", "queue 7");
    }

    @Test
    void anOlderOneIsNamedWithWhatIsNeeded() throws Exception {
        OtherJvm jvm = run("jna-4.5.2.jar");

        assertThat(jvm.status()).isNotZero();
        assertThat(jvm.output())
                .contains("ShmException: shmkit needs JNA 5.5.0 or later, but this JVM loaded JNA 4.5.2 from file:")
                .contains("jna-4.5.2.jar: let the build choose a later version of net.java.dev.jna:jna");
    }
}
