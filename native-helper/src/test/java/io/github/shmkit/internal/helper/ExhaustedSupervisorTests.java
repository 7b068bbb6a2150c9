package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.NativeHelper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A supervisor that may open no more files refuses helpers, and does all else. */
@Timeout(60)
class ExhaustedSupervisorTests {
    /** Shorter than the wait for an answer that does not come. */
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    private static final int ENOUGH = 1000;
    private static final int MORE_THAN_FIT = 100;

    private final Session session = Session.open();
    private final NativeHelpers helpers = new NativeHelpers(session.supervisor(), new Timeouts(1));
    private final List<NativeHelper> started = new ArrayList<>();

    @AfterEach
    void endsWithNothingLeftToDo() {
        started.forEach(NativeHelper::close);
        assertThat(session.end().processes()).isZero();
    }

    private NativeHelper start() {
        NativeHelper helper = helpers.helper("helper " + started.size()).start();
        started.add(helper);
        return helper;
    }

    private void limit(int descriptors) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(
                                "prlimit",
                                "--pid",
                                Long.toString(session.supervisor().pid()),
                                "--nofile=" + descriptors + ":" + ENOUGH)
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    private void assertAllIsWell() {
        assertThat(started)
                .allSatisfy(helper -> assertThat(helper.sys().getpid().value()).isEqualTo(helper.pid()));
    }

    private long descriptors() throws IOException {
        try (Stream<Path> open =
                Files.list(Path.of("/proc/" + session.supervisor().pid() + "/fd"))) {
            return open.count();
        }
    }

    private Duration cpuTime() {
        return ProcessHandle.of(session.supervisor().pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow();
    }

    /** The first helper is forked by the supervisor itself: there is no reserve yet that would accept the connection. */
    @Test
    void connectionThatCannotBeAcceptedIsRefusedAtOnce() throws Exception {
        limit((int) descriptors());
        Duration before = cpuTime();
        long begin = System.nanoTime();
        for (int i = 0; i < 5; i++) {
            assertThatExceptionOfType(ShmException.class)
                    .isThrownBy(this::start)
                    .withMessageContaining("was not started: no greeting came");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AT_ONCE);
        assertThat(cpuTime().minus(before)).isLessThan(Duration.ofMillis(500));
        limit(ENOUGH);
        start();
        assertAllIsWell();
    }

    @Test
    void oneTooManyIsRefusedAndTheOthersGoOn() throws Exception {
        start();
        limit(40);

        long begin = System.nanoTime();
        assertThatExceptionOfType(ShmException.class)
                .isThrownBy(() -> {
                    for (int i = 0; i < MORE_THAN_FIT; i++) {
                        start();
                    }
                })
                .withMessageContaining("was not started: no greeting came")
                .withMessageEndingWith("open files are allowed (ulimit -u, ulimit -n)");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AT_ONCE);
        assertThat(started).hasSizeGreaterThan(10);
        assertAllIsWell();

        limit(ENOUGH);
        start();
        assertAllIsWell();
    }
}
