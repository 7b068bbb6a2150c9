package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.aeron.Aeron;
import io.aeron.ConcurrentPublication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.JvmHelper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(name = "Aeron", artifact = "aeron-driver")
class AeronTests {
    private static final int STREAM = 10;
    private static final long UNBLOCK = Duration.ofMillis(300).toNanos();

    /** Of the JVM that publishes. */
    private static ConcurrentPublication publication;

    private static MediaDriver driver(Path folder) {
        return MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(folder.toString())
                .threadingMode(ThreadingMode.SHARED)
                .ipcTermBufferLength(1 << 16)
                .timerIntervalNs(UNBLOCK / 10)
                .clientLivenessTimeoutNs(UNBLOCK)
                .publicationUnblockTimeoutNs(UNBLOCK + 1));
    }

    private static Aeron client(String folder) {
        return Aeron.connect(new Aeron.Context().aeronDirectoryName(folder).keepAliveIntervalNs(UNBLOCK / 10));
    }

    private static long offer(ConcurrentPublication publication, String text) {
        return publication.offer(new UnsafeBuffer(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @EachCrashPoint
    @Asked(
            operation = "ConcurrentPublication.offer over IPC",
            question = "Do the messages of another publisher arrive after one died offering?",
            answer = "Yes, once the driver has unblocked the publication.",
            points = 8)
    void offer(CrashPoint at, ShmTestkit kit, @TempDir Path folder) {
        try (MediaDriver driver = driver(folder);
                Aeron aeron = client(folder.toString());
                Subscription subscription = aeron.addSubscription("aeron:ipc", STREAM);
                ConcurrentPublication other = aeron.addPublication("aeron:ipc", STREAM)) {
            String name = driver.aeronDirectoryName();
            JvmHelper publisher = at.start(
                    kit.jvm("publisher"), folder.resolve("publications/" + other.registrationId() + ".logbuffer"));
            publisher.call(context -> {
                publication = client(name).addPublication("aeron:ipc", STREAM);
                return publication.registrationId();
            });

            at.arm(publisher, () -> publisher.call(context -> offer(publication, "first")));

            List<String> received = new ArrayList<>();
            Awaitility.await().until(() -> offer(other, "second") > 0);
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> {
                subscription.poll(
                        (buffer, offset, length, header) ->
                                received.add(buffer.getStringWithoutLengthAscii(offset, length)),
                        10);
                return received.contains("second");
            });
            assertThat(received).isSubsetOf("first", "second");
        }
    }
}
