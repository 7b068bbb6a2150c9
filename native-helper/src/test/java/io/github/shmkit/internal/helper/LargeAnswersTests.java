package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.NativeHelper;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one large answer, or many, cost those that come later. */
@Timeout(60)
class LargeAnswersTests {
    private static final int LARGE = 2 << 20;

    private static void withHelper(Consumer<NativeHelper> use) {
        try (Session session = Session.open();
                Segment segment = session.create(
                        SegmentSpec.of(SegmentKind.MEMFD).size(LARGE).label("data"));
                NativeHelper helper = new NativeHelpers(session.supervisor(), new Timeouts(1))
                        .helper("peer")
                        .attach(segment)
                        .start()) {
            use.accept(helper);
        }
    }

    /** Reads and writes more in all than its heap holds. */
    static final class ManyLargeAnswers {
        private ManyLargeAnswers() {}

        public static void main(String[] args) {
            withHelper(helper -> {
                byte[] written = new byte[LARGE];
                for (int round = 0; round < 100; round++) {
                    Arrays.fill(written, (byte) round);
                    helper.putBytes(0, written);
                    if (!Arrays.equals(helper.getBytes(0, LARGE), written)) {
                        throw new AssertionError("round " + round);
                    }
                }
                System.out.println(((DrivenHelper) helper).journal().get(63).replaceFirst("\\S+ ", "") + ", "
                        + ((DrivenHelper) helper).journal().size());
            });
        }
    }

    @Test
    void manyLargeAnswersFitIntoSmallHeap() throws Exception {
        OtherJvm jvm = OtherJvm.run(ManyLargeAnswers.class, "-Xmx48m", "-XX:+UseSerialGC");

        assertThat(jvm.status()).as(jvm.output()).isZero();
        assertThat(jvm.output()).contains("GET_BYTES").contains("done, 64");
    }

    @Test
    void smallAnswersAreAsFastAfterLargeOne() {
        withHelper(helper -> {
            long before = fastest(helper);
            helper.getBytes(0, LARGE);

            assertThat(fastest(helper)).isLessThan(5 * before);
        });
    }

    /** Nanoseconds of the fastest of many loads. */
    private static long fastest(NativeHelper helper) {
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < 2000; i++) {
            long start = System.nanoTime();
            helper.getInt(0);
            fastest = Math.min(fastest, System.nanoTime() - start);
        }
        return fastest;
    }
}
