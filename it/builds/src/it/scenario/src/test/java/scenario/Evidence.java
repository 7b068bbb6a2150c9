package scenario;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/** What a test made, for those who look afterwards, from outside, whether it is gone. */
final class Evidence {
    private Evidence() {}

    /** Uses the segments, and writes down what the kernel has of them at this moment. */
    static void leave(Segment... segments) throws IOException {
        Properties evidence = new Properties();
        int seen = 0;
        for (Segment segment : segments) {
            segment.putLong(0, 42);
            seen += isSeen(segment.address()) ? 1 : 0;
            if (segment.address() instanceof SegmentAddress.BySysv sysv) {
                evidence.setProperty("shmid", Integer.toString(sysv.shmid()));
            }
        }
        evidence.setProperty("secret", System.getenv("SHMKIT_SESSION"));
        evidence.setProperty("pid", Long.toString(ProcessHandle.current().pid()));
        evidence.setProperty("made", Integer.toString(segments.length));
        evidence.setProperty("seen", Integer.toString(seen));
        Path unfinished = Path.of("target/evidence");
        try (Writer out = Files.newBufferedWriter(unfinished)) {
            evidence.store(out, null);
        }
        Files.move(unfinished, Path.of("target/evidence.properties"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean isSeen(SegmentAddress attach) throws IOException {
        if (attach instanceof SegmentAddress.ByPath byPath) {
            return Files.exists(Path.of(byPath.path()));
        }
        String id = Integer.toString(((SegmentAddress.BySysv) attach).shmid());
        return Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
                .anyMatch(row -> row.trim().split("\\s+")[1].equals(id));
    }
}
