package io.github.shmkit.bench;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.helper.NativeHelpers;
import io.github.shmkit.internal.helper.Timeouts;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.NativeHelper;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

final class B11Growth implements Benchmark {
    private static final int[] THERE = {1, 10, 100, 1_000, 10_000};
    private static final int ROUNDS = 5;
    private static final int WARM_UPS = 6;
    /** Before the first, in a JVM that has compiled nothing yet. */
    private static final int WARM_UPS_AT_ONE = 60;

    private static final int SEGMENTS_A_ROUND = 400;
    private static final int HELPERS_A_ROUND = 40;

    @Override
    public String id() {
        return "B11";
    }

    @Override
    public String work() {
        return "growth: B1, B3, B9 at 1, 10, 100, 1 000, 10 000 objects or helpers already there";
    }

    @Override
    public String peers() {
        return "itself at 1";
    }

    @Override
    public String goal() {
        return "at most linear; the chart shows it";
    }

    @Override
    public String method() {
        return "B1 is a POSIX segment of 4 KiB and B3 a native helper, each made and ended while the session has so many; "
                + "B9 is a sweep that finds so many files of dead sessions and removes them. Here the rows at 1 come "
                + "before those that follow, since what is there has to grow; ratios are of medians' pairs in order. The "
                + "goal of a row is its number.";
    }

    @Override
    public void run(Contest contest) throws Exception {
        segments(contest);
        helpers(contest);
        sweeps(contest);
    }

    private static void segments(Contest contest) throws Exception {
        SegmentSpec spec = SegmentSpec.of(SegmentKind.POSIX_SHM);
        try (Session session = Session.open()) {
            Deque<Segment> open = new ArrayDeque<>();
            Arm arm = Arm.nanos(SEGMENTS_A_ROUND, () -> B01Segments.touch(session, spec))
                    .per(1_000);
            Map<Integer, double[]> figures = new LinkedHashMap<>();
            for (int there : THERE) {
                while (open.size() < there) {
                    open.push(session.create(spec));
                }
                figures.put(there, rounds(arm, there == 1 ? WARM_UPS_AT_ONE : WARM_UPS));
            }
            tell(contest, "B1 beside %d segments", "µs", figures);
        }
    }

    private static void helpers(Contest contest) throws Exception {
        try (Session session = Session.open()) {
            NativeHelpers helpers = new NativeHelpers(session.supervisor(), new Timeouts(1));
            List<NativeHelper> alive = new ArrayList<>();
            Arm arm = () -> B03NativeHelpers.start(helpers, HELPERS_A_ROUND) / 1_000;
            Map<Integer, double[]> figures = new LinkedHashMap<>();
            try {
                for (int there : THERE) {
                    while (alive.size() < there) {
                        alive.add(helpers.helper("there " + alive.size()).start());
                    }
                    figures.put(there, rounds(arm, there == 1 ? WARM_UPS_AT_ONE : WARM_UPS));
                }
            } catch (ShmException e) {
                contest.note("no more than " + alive.size() + " native helpers at once: " + e.getMessage());
            }
            tell(contest, "B3 beside %d helpers", "µs", figures);
            alive.forEach(NativeHelper::close);
        }
    }

    private static void sweeps(Contest contest) throws Exception {
        Map<Integer, double[]> figures = new LinkedHashMap<>();
        for (int there : THERE) {
            figures.put(there, rounds(() -> B09Sweep.sweep(SegmentKind.POSIX_SHM, there), there == 1 ? WARM_UPS : 1));
        }
        tell(contest, "B9 of %d files", "ms", figures);
    }

    private static double[] rounds(Arm arm, int warmUps) throws Exception {
        for (int i = 0; i < warmUps; i++) {
            var unused = arm.measure();
        }
        double[] figures = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            figures[i] = arm.measure();
        }
        return figures;
    }

    private static void tell(Contest contest, String work, String unit, Map<Integer, double[]> figures) {
        double[] atOne = figures.getOrDefault(1, new double[0]);
        figures.forEach((there, figure) -> {
            double goal = there == 1 ? Peer.NO_GOAL : there;
            contest.add(new Samples("B11", String.format(work, there), unit, "itself at 1", goal, figure, atOne));
        });
    }
}
