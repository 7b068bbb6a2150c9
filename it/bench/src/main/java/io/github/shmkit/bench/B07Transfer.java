package io.github.shmkit.bench;

import io.github.shmkit.internal.session.Session;
import java.util.List;

final class B07Transfer implements Benchmark {
    private static final double GOAL = 0.999;

    @Override
    public String id() {
        return "B7";
    }

    @Override
    public String work() {
        return "1 GiB handed over in 64 KiB and 1 MiB messages, in place and copied";
    }

    @Override
    public String peers() {
        return "pipe, Unix socket, POSIX and System V queue, FileChannel read and write";
    }

    @Override
    public String goal() {
        return "each < 1.0";
    }

    @Override
    public String method() {
        return "The producer stamps every 64 bytes of a message, the consumer checks every stamp. Ours is this JVM as "
                + "producer and a C program as consumer, over a ring of 8 MiB in a segment, where a side that has nothing to do spins for a while and then sleeps "
                + "on a futex; copied, each side has "
                + "a buffer of its own besides. Pipe, socket and queues are C on both sides, which is cheaper than a "
                + "JVM; FileChannel is two threads of this JVM over such a ring in a file on tmpfs. A system that limits queues to "
                + "smaller messages leaves those out.";
    }

    @Override
    public int passes() {
        return PASSES_OF_TWO_SIDES;
    }

    @Override
    public void run(Contest contest) throws Exception {
        try (Session session = Session.open()) {
            for (int size : new int[] {64 << 10, 1 << 20}) {
                Handover handover = Handover.of(size, 1L << 30);
                for (boolean copied : new boolean[] {false, true}) {
                    contest.measure(
                            (size >> 10) + " KiB, " + (copied ? "copied" : "in place"),
                            "ms",
                            new Contest.Length(3, 20, 60),
                            handover.segment(session, copied),
                            peers(handover, GOAL));
                }
            }
        }
    }

    static List<Peer> peers(Handover handover, double goal) {
        return List.of(
                new Peer("pipe", goal, handover.kernel("pipe")),
                new Peer("Unix socket", goal, handover.kernel("socket")),
                new Peer("POSIX queue", goal, handover.kernel("mq")),
                new Peer("System V queue", goal, handover.kernel("sysv")),
                new Peer("FileChannel read and write", goal, handover.file()));
    }
}
