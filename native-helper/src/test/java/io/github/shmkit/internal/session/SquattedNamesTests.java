package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.Stranger;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Names of objects, which another user would like to take first. */
class SquattedNamesTests {
    private static String name(Segment segment) {
        return Path.of(((SegmentAddress.ByPath) segment.address()).path())
                .getFileName()
                .toString();
    }

    @Test
    void noNameFollowsFromAnother() {
        Set<String> randoms = new HashSet<>();
        try (Session session = Session.open()) {
            for (int i = 0; i < 100; i++) {
                String name = name(session.create(SegmentSpec.of(SegmentKind.POSIX_SHM)));
                assertThat(name).matches("shmkit\\.[A-Za-z0-9_-]{22}\\.[0-9]+\\.[0-9a-f]{16}");
                randoms.add(name.substring(name.lastIndexOf('.') + 1));
            }
        }
        assertThat(randoms).hasSize(100);
    }

    /** The control of the next one. */
    @Test
    void aNameThatAStrangerForesawWouldFail() throws Exception {
        Stranger.assumePossible();
        AtomicLong names = new AtomicLong();
        try (Session session = Session.open(names::get)) {
            String first = name(session.create(SegmentSpec.of(SegmentKind.POSIX_SHM)));
            String squatted = first.substring(0, first.lastIndexOf('.') + 1)
                    + HexFormat.of().toHexDigits(1L);
            Stranger.run("cd /dev/shm; : > " + squatted + "; : > sem." + squatted);
            try {
                names.set(1);
                assertThatThrownBy(() -> session.create(SegmentSpec.of(SegmentKind.POSIX_SHM)))
                        .isInstanceOf(OsException.class)
                        .matches(e -> ((OsException) e).is(Errno.EEXIST), "EEXIST");
                assertThatThrownBy(() -> session.createSemaphore("semaphore", 1))
                        .matches(e -> ((OsException) e).is(Errno.EEXIST), "EEXIST");
            } finally {
                Stranger.run("cd /dev/shm; rm -f " + squatted + " sem." + squatted);
            }
        }
    }

    @Test
    void eachKindTriesAnotherName() throws Exception {
        Stranger.assumePossible();
        AtomicLong names = new AtomicLong();
        try (Session session = Session.open(names::incrementAndGet)) {
            String first = name(session.create(SegmentSpec.of(SegmentKind.POSIX_SHM)));
            String prefix = first.substring(0, first.lastIndexOf('.') + 1);
            String taken = prefix + HexFormat.of().toHexDigits(2L);
            String takenToo = prefix + HexFormat.of().toHexDigits(4L);
            Stranger.run("cd /dev/shm; : > " + taken + "; : > sem." + takenToo);
            try {
                Segment segment = session.create(SegmentSpec.of(SegmentKind.POSIX_SHM));
                assertThat(name(segment)).isEqualTo(prefix + HexFormat.of().toHexDigits(3L));
                assertThat(session.createSemaphore("semaphore", 1).name())
                        .isEqualTo("/" + prefix + HexFormat.of().toHexDigits(5L));
            } finally {
                Stranger.run("cd /dev/shm; rm -f " + taken + " sem." + takenToo);
            }
        }
    }
}
