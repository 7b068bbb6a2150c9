package io.github.shmkit.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputBufferTests {
    private static final int CAPACITY = 1 << 16;

    private final OutputBuffer buffer = new OutputBuffer();

    private void write(String text) {
        buffer.append(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Text in which each place looks different from its neighbours. */
    private static String counted(int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(text.length()).append(' ');
        }
        return text.substring(0, length);
    }

    @Test
    void keepsWhatWasWrittenInOrder() {
        write("one\ntw");
        write("o\nthr");

        assertThat(buffer.text()).isEqualTo("one\ntwo\nthr");
        assertThat(buffer.lines()).containsExactly("one", "two", "thr");
        assertThat(buffer.total()).isEqualTo(11);
    }

    @Test
    void aNewOneIsEmpty() {
        assertThat(buffer.text()).isEmpty();
        assertThat(buffer.lines()).isEmpty();
        assertThat(buffer.lastLines(3)).isEmpty();
        assertThat(buffer.total()).isZero();
    }

    @Test
    void theLastLinesAreAtMostSoMany() {
        write("a\nb\nc\n");

        assertThat(buffer.lastLines(2)).containsExactly("b", "c");
        assertThat(buffer.lastLines(3)).containsExactly("a", "b", "c");
        assertThat(buffer.lastLines(4)).containsExactly("a", "b", "c");
        assertThat(buffer.lastLines(0)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {700, 1023, 1024, 1025, 4096, 5000, CAPACITY - 1, CAPACITY, CAPACITY + 1, 200_000})
    void keepsTheLast64KibInWhateverPiecesTheyCome(int piece) {
        String all = counted(200_000);
        for (int at = 0; at < all.length(); ) {
            int end = Math.min(all.length(), at + piece);
            write(all.substring(at, end));
            at = end;

            assertThat(buffer.text()).isEqualTo(all.substring(Math.max(0, end - CAPACITY), end));
            assertThat(buffer.total()).isEqualTo(end);
        }
    }

    @Test
    void aLineIsFoundAmongThoseThatAreKept() {
        write("one\nready at 80\nready at 81\n");

        assertThat(buffer.firstLine("ready")).isCompletedWithValue("ready at 80");
        assertThat(buffer.firstLine("one")).isCompletedWithValue("one");
    }

    @Test
    void aLineIsFoundWhenItComesAlsoUnfinishedAndInPieces() {
        CompletableFuture<String> ready = buffer.firstLine("ready");
        write("not yet: rea");
        write("\ndy\n> re");
        assertThat(ready).isNotDone();

        write("ady");

        assertThat(ready).isCompletedWithValue("> ready");
    }

    @Test
    void aLineThatBeganBeforeIsFoundWhole() {
        write("port ");
        CompletableFuture<String> port = buffer.firstLine("port 8");

        write("80\n");

        assertThat(port).isCompletedWithValue("port 80");
    }

    @Test
    void severalMayWaitEachForHisOwn() {
        CompletableFuture<String> a = buffer.firstLine("a");
        CompletableFuture<String> b = buffer.firstLine("b");

        write("b1\n");
        assertThat(a).isNotDone();
        assertThat(b).isCompletedWithValue("b1");

        write("b2 a2\n");
        assertThat(a).isCompletedWithValue("b2 a2");
    }

    @Test
    void whoHasFoundHisLineNoLongerLooks() {
        LineWatch watch = new LineWatch("x");
        watch.feed("ax\nbx\n".getBytes(StandardCharsets.UTF_8));

        assertThat(watch.found()).isCompletedWithValue("ax");
    }

    @Test
    void ofALongLineOnlyTheBeginningIsLookedAt() {
        CompletableFuture<String> within = buffer.firstLine("within");
        CompletableFuture<String> across = buffer.firstLine("across");
        CompletableFuture<String> next = buffer.firstLine("next");

        write("x".repeat(CAPACITY - 11) + "withinacross");
        assertThat(within).isCompletedWithValue("x".repeat(CAPACITY - 11) + "withinacros");
        assertThat(across).isNotDone();

        write("\nnext");
        assertThat(next).isCompletedWithValue("next");
    }
}
