package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import io.github.shmkit.Segment;
import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.field.Row.Counts;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmTestkit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** What the page and the counts are made by. */
@EnabledIfSystemProperty(named = "os.arch", matches = "amd64", disabledReason = "the tracer is for x86-64")
@Timeout(60)
class FieldTests {
    private static void kill(CrashPoint at, Segment segment, ShmTestkit kit) {
        at.runAndCrash(kit.jvm("writer").attach(segment), context -> {
            context.segment().putLong(0, 1);
            context.segment().putLong(8, 2);
            return 0;
        });
    }

    @Program(name = "counted as it is")
    static class RightCase {
        @EachCrashPoint
        @Asked(operation = "two longs", question = "Both?", answer = "No.", points = 3, torn = 1, wrong = 1)
        void counted(CrashPoint at, @Shm(size = 16) Segment segment, ShmTestkit kit) {
            kill(at, segment, kit);
            assertThat(segment.getLong(0)).isEqualTo(1);
            assertThat(segment.getLong(8)).as("torn pair").isEqualTo(2);
        }
    }

    @Program(name = "counted otherwise")
    static class WrongCase {
        @EachCrashPoint(max = 1)
        @Asked(operation = "two longs", question = "Both?", answer = "Yes.", points = 1)
        void counted(CrashPoint at, @Shm(size = 16) Segment segment, ShmTestkit kit) {
            kill(at, segment, kit);
            assertThat(segment.getLong(0)).isEqualTo(1);
        }
    }

    @Program(name = "never right")
    static class UnharmedCase {
        @EachCrashPoint(max = 1)
        @Asked(operation = "two longs", question = "Three?", answer = "No.", points = 1, wrong = 1)
        void counted(CrashPoint at, @Shm(size = 16) Segment segment, ShmTestkit kit) {
            kill(at, segment, kit);
            assertThat(segment.getLong(0)).isEqualTo(3);
        }
    }

    @Program(name = "absent", needs = @Needs(file = "no-such-program", debian = "a-package"))
    static class AbsentCase {
        @Test
        void isNotRun() {
            throw new AssertionError("it was run");
        }
    }

    private static EngineExecutionResults run(Class<?> test) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(test))
                .execute();
    }

    @Test
    void passesWhereTheCountsAreThoseDeclared() {
        EngineExecutionResults results = run(RightCase.class);

        results.testEvents().assertStatistics(stats -> stats.started(4).succeeded(4));
        results.containerEvents().assertStatistics(stats -> stats.failed(0));
    }

    @Test
    void failsTheClassWhereTheCountsDiffer() {
        run(WrongCase.class)
                .containerEvents()
                .failed()
                .assertEventsMatchExactly(event(finishedWithFailure(
                        message(text -> text.contains("counted declares 1 points, 0 stuck, 0 torn, 0 wrong, but")
                                && text.contains("wrong=1")
                                && text.contains("WRONG [2] killed before the first store: ")))));
    }

    @Test
    void failsWithoutACrashAsAnyTest() {
        run(UnharmedCase.class)
                .testEvents()
                .assertStatistics(stats -> stats.started(2).failed(1).succeeded(1));
    }

    @Test
    void leavesOutWhatIsNotInstalledByName() {
        EngineExecutionResults results = run(AbsentCase.class);

        results.testEvents().assertStatistics(stats -> stats.started(0));
        assertThat(results.containerEvents().skipped().list())
                .singleElement()
                .satisfies(event -> assertThat(event.getPayload(String.class))
                        .contains("a-package is not installed: apt-get install a-package"));
    }

    @Test
    void thePageHasARowForEachOperation() {
        FieldPage page = new FieldPage(List.of(
                new Row("A & B", "1.0", "put | get", "Asked?", "Yes.", new Counts(7, 0, 2, 0, 1), "1.5", "https://x/1"),
                Row.leftOut("C", "c is not installed")));

        assertThat(page.markdown())
                .contains("1 operations of 2 programs were tested at 7 crash points and 0 states; 1 programs were left")
                .contains("| A & B | 1.0 | put \\| get | Asked? | Yes. | 7 |  | 2 |  | 1 | https://x/1 | 1.5 |\n")
                .contains("| C | c is not installed |");
        assertThat(page.html())
                .contains("<th scope=\"row\">A &amp; B</th>", "<a href=\"https://x/1\">x/1</a>", "<td>7</td><td></td>");
    }
}
