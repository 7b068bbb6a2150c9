package io.github.shmkit.bench;

import io.github.shmkit.Futex;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.helper.NativeHelpers;
import io.github.shmkit.internal.helper.Timeouts;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Arithmetic;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Operand;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

final class B06PingPong implements Benchmark {
    private static final int SPINS = 50_000;
    private static final int SLEEPS = 3_000;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** On lines of their own. */
    private static final long PING = 0;

    private static final long PONG = 128;

    @Override
    public String id() {
        return "B6";
    }

    @Override
    public String work() {
        return "ping-pong of 8 bytes between JVM and native helper through a segment (spin; futex)";
    }

    @Override
    public String peers() {
        return "pipe, Unix socket, POSIX queue, the same ping-pong in C on both sides";
    }

    @Override
    public String goal() {
        return "spin: ≤ 0.2 of a pipe, ≤ 1.3 of C";
    }

    @Override
    public String method() {
        return "There and back. Ours is this JVM's thread and a helper that runs a script. Pipe and Unix socket are this "
                + "JVM and a C program; the JDK has no POSIX queues, so that peer is C on both sides. Spin needs a "
                + "processor for each side.";
    }

    @Override
    public int passes() {
        return PASSES_OF_TWO_SIDES;
    }

    @Override
    public void run(Contest contest) throws Exception {
        try (Session session = Session.open()) {
            Segment segment = session.create(
                    SegmentSpec.of(SegmentKind.POSIX_SHM).size(4096).label("court"));
            try (NativeHelper helper = new NativeHelpers(session.supervisor(), new Timeouts(1))
                    .helper("peer")
                    .attach(segment)
                    .start()) {
                contest.measure(
                        "spin",
                        "µs",
                        new Contest.Length(4, 25, 35),
                        () -> spin(segment, helper),
                        List.of(
                                new Peer("pipe", 0.2, B06PingPong::pipe),
                                new Peer("Unix socket", Peer.NO_GOAL, B06PingPong::socket),
                                new Peer("POSIX queue, C on both sides", Peer.NO_GOAL, kernel("mq", SLEEPS)),
                                new Peer("the same in C on both sides", 1.3, kernel("spin", SPINS))));
                contest.measure(
                        "futex",
                        "µs",
                        new Contest.Length(4, 20, 20),
                        () -> futex(segment, helper),
                        List.of(
                                new Peer("pipe", Peer.NO_GOAL, B06PingPong::pipe),
                                new Peer("the same in C on both sides", Peer.NO_GOAL, kernel("futex", SLEEPS))));
            }
        }
    }

    private static Arm kernel(String how, int count) {
        return Programs.kernelFigure("pingpong", how, count).per(1_000);
    }

    private static double spin(Segment segment, NativeHelper helper) {
        segment.putLong(PING, 0);
        segment.putLong(PONG, 0);
        Script echo = Script.of(b -> {
            Operand.Var next = new Operand.Var(1);
            b.set(next, 1)
                    .repeat(
                            SPINS,
                            r -> r.await(PING, Long.BYTES, Comparison.EQUAL, next, LIMIT)
                                    .put(PONG, Long.BYTES, next, MemoryOrder.RELEASE)
                                    .calculate(next, Arithmetic.ADD, 1));
        });
        Running running = helper.run(echo);
        bounce(segment, 1);
        long start = System.nanoTime();
        for (long i = 2; i <= SPINS; i++) {
            bounce(segment, i);
        }
        double took = System.nanoTime() - start;
        var unused = running.await();
        return took / 1_000 / (SPINS - 1);
    }

    private static void bounce(Segment segment, long value) {
        segment.putLongRelease(PING, value);
        while (segment.getLongAcquire(PONG) != value) {
            Thread.onSpinWait();
        }
    }

    private static double futex(Segment segment, NativeHelper helper) {
        segment.putInt(PING, 0);
        segment.putInt(PONG, 0);
        Futex ping = segment.futexAt(PING);
        Futex pong = segment.futexAt(PONG);
        String label = segment.label();
        Script echo = Script.of(b -> {
            Operand.Var last = new Operand.Var(1);
            b.set(last, 0)
                    .repeat(
                            SLEEPS,
                            r -> r.call(
                                            LibcCall.FUTEX_WAIT,
                                            Operand.place(label, PING),
                                            last,
                                            Operand.number(LIMIT.toNanos()))
                                    .await(PING, Integer.BYTES, Comparison.NOT_EQUAL, last, LIMIT)
                                    .calculate(last, Arithmetic.ADD, 1)
                                    .put(PONG, Integer.BYTES, last, MemoryOrder.VOLATILE)
                                    .call(LibcCall.FUTEX_WAKE, Operand.place(label, PONG), Operand.number(1)));
        });
        Running running = helper.run(echo);
        long start = System.nanoTime();
        for (int i = 1; i <= SLEEPS; i++) {
            segment.putIntVolatile(PING, i);
            ping.wake(1);
            while (segment.getIntVolatile(PONG) != i) {
                pong.await(i - 1, LIMIT);
            }
        }
        double took = System.nanoTime() - start;
        var unused = running.await();
        return took / 1_000 / SLEEPS;
    }

    private static double pipe() throws Exception {
        Process peer = new ProcessBuilder(Programs.kernel("echo", SLEEPS + 1)).start();
        try (OutputStream out = peer.getOutputStream();
                InputStream in = peer.getInputStream()) {
            byte[] ball = new byte[Long.BYTES];
            long start = 0;
            for (int i = 0; i <= SLEEPS; i++) {
                out.write(ball);
                out.flush();
                if (in.readNBytes(ball, 0, ball.length) != ball.length) {
                    throw new IllegalStateException("the peer is gone");
                }
                start = i == 0 ? System.nanoTime() : start; // it is up
            }
            return (System.nanoTime() - start) / 1_000.0 / SLEEPS;
        } finally {
            peer.waitFor();
        }
    }

    private static double socket() throws Exception {
        Path path = Files.createTempDirectory("bench").resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            Process peer = new ProcessBuilder(Programs.kernel("echo", SLEEPS, path)).start();
            try (SocketChannel channel = server.accept()) {
                ByteBuffer ball = ByteBuffer.allocateDirect(Long.BYTES);
                long start = System.nanoTime();
                for (int i = 0; i < SLEEPS; i++) {
                    channel.write(ball.clear());
                    ball.clear();
                    while (ball.hasRemaining()) {
                        if (channel.read(ball) < 0) {
                            throw new IllegalStateException("the peer is gone");
                        }
                    }
                }
                return (System.nanoTime() - start) / 1_000.0 / SLEEPS;
            } finally {
                peer.waitFor();
            }
        } finally {
            Files.delete(path);
            Files.delete(path.getParent());
        }
    }
}
