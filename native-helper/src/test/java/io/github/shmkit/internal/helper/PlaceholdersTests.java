package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Segment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceholdersTests {
    private static final Segment RING = Segments.posix("ring", "shmkit.1", 4096);
    private static final Segment LOG = Segments.file("log.old", "/tmp/log", 100);
    private static final Segment OLD = Segments.sysv("old", 65538, 0x1234, 8192);
    private static final String WHERE = "argument 2";
    private static final String EVERY_NAME = "valid are {path}, {name}, {shmid}, {key}, {fd}, {size}, {uri}, {pid}, "
            + "{control}, {program}, {artifacts} and {segment:LABEL.path} and so on; a brace that is meant is written {{";

    private final Placeholders placeholders = new Placeholders(List.of(RING, LOG, OLD), Map.of("pid", "4711"));

    private String fill(String text) {
        return placeholders.fill(WHERE, text);
    }

    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "--shm={path}, --shm=/dev/shm/shmkit.1",
        "{name}:{size}, /shmkit.1:4096",
        "{uri}, posix:/shmkit.1?size=4096",
        "{segment:log.old.path}, /tmp/log",
        "{segment:log.old.size}., 100.",
        "{segment:old.shmid}, 65538",
        "{segment:old.key}, 0x1234",
        "{segment:old.uri}, sysv:65538?size=8192&key=0x1234",
        "{pid}, 4711",
    })
    void namesAreFilledFromTheFirstSegmentOrTheOneThatIsNamed(String text, String expected) {
        assertThat(fill(text)).isEqualTo(expected);
        assertThat(placeholders.inherited()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "{{, {",
        "}}, }",
        "a}b, a}b",
        "}, }",
        "awk {{print $1}}, awk {print $1}",
        "{{path}}, {path}",
        "{{{pid}}}, {4711}",
        "{{{{, {{",
    })
    void aDoubledBraceIsMeant(String text, String expected) {
        assertThat(fill(text)).isEqualTo(expected);
        assertThatCode(() -> Placeholders.check(WHERE, text)).doesNotThrowAnyException();
    }

    @Test
    void descriptorsAreNumberedFromThreeAndOneIsOpenedOnce() {
        assertThat(fill("{fd} {segment:log.old.fd} {fd} {segment:ring.fd}")).isEqualTo("3 4 3 3");
        assertThat(placeholders.inherited()).containsExactly("/dev/shm/shmkit.1", "/tmp/log");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no brace",
                "{path}{name}{shmid}{key}{fd}{size}{uri}",
                "{pid}{control}{artifacts}",
                "{segment:any.path}",
                "{segment:with.dots.shmid}",
            })
    void allNamesThatThereAreCanBeWrittenBeforeTheSegmentsAreKnown(String text) {
        assertThatCode(() -> Placeholders.check(WHERE, text)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nane", "", "segment:ring", "segment:ring.pid", "segment:ring.nane", "Path", " path"})
    void anUnknownNameIsRefusedWithAllThatThereAre(String name) {
        assertThatThrownBy(() -> Placeholders.check(WHERE, "--x={" + name + "}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("placeholder {" + name + "} in argument 2 is unknown; " + EVERY_NAME);
    }

    @Test
    void aBraceThatIsNotClosedIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> Placeholders.check(WHERE, "--x={path"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the placeholder that begins at character 4 of argument 2 has no end; " + EVERY_NAME);
        assertThatThrownBy(() -> fill("{")).hasMessageStartingWith("the placeholder that begins at character 0 of");
    }

    @Test
    void aLabelThatIsNotAttachedIsRefusedWithWhatCouldBeWritten() {
        assertThatThrownBy(() -> fill("{segment:rang.path}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("placeholder {segment:rang.path} in argument 2 names no segment that is attached; valid are"
                        + " {name}, {path}, {size}, {uri}, {fd}, {segment:log.old.path}, {segment:log.old.size},"
                        + " {segment:log.old.uri}, {segment:log.old.fd}, {segment:old.key}, {segment:old.shmid},"
                        + " {segment:old.size}, {segment:old.uri}, {pid}; a brace that is meant is written {{");
        assertThatThrownBy(() -> fill("{segment:ring}")).hasMessageContaining("names no segment that is attached");
    }

    @Test
    void whatThisKindOfSegmentDoesNotHaveIsRefused() {
        assertThatThrownBy(() -> fill("{shmid}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "placeholder {shmid} in argument 2 does not exist for segment 'ring', which is POSIX_SHM; valid");
        assertThatThrownBy(() -> fill("{segment:old.fd}"))
                .hasMessageContaining("does not exist for segment 'old', which is SYSV_SHM");
        assertThatThrownBy(() -> fill("{segment:log.old.name}"))
                .hasMessageContaining("does not exist for segment 'log.old', which is MMAP_FILE");
    }

    @Test
    void aNameWithoutAValueHereIsRefused() {
        assertThatThrownBy(() -> fill("{control}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("placeholder {control} in argument 2 has no value here; valid are {name}, ");
    }

    @Test
    void withoutASegmentTheRemedyIsToAttachOne() {
        Placeholders none = new Placeholders(List.of(), Map.of());

        assertThatThrownBy(() -> none.fill(WHERE, "{path}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("placeholder {path} in argument 2 needs a segment; attach(segment) one; valid is none; "
                        + "a brace that is meant is written {{");
    }
}
