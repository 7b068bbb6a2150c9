package scenario;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.session.Session;
import java.util.Arrays;

/** Makes segments, and kills its supervisor and itself. */
public final class Leaver {
    private Leaver() {}

    public static void main(String[] arguments) throws Exception {
        Session session = Session.open();
        Evidence.leave(Arrays.stream(SegmentKind.values())
                .map(kind -> session.create(SegmentSpec.of(kind)))
                .toArray(Segment[]::new));
        Killer.kill(Killer.supervisor(), Killer.self());
    }
}
