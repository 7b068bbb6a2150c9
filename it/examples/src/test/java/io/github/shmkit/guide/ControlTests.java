package io.github.shmkit.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** The checks of the guide do find what they are for. */
class ControlTests {
    private static final String README = Sources.text("README.md");

    @Test
    void aSnippetOfWhichOneCharacterDiffers() {
        String changed = README.replace("untilLong(segment, 0, 42)", "untilLong(segment, 0, 43)");

        assertThat(changed).isNotEqualTo(README);
        assertThat(Page.renewed(changed)).isNotEqualTo(changed).isEqualTo(README);
    }

    @Test
    void aTableOfWhichOneDefaultDiffers() {
        String page = "<!-- table settings -->\n" + Tables.of("settings").replace("256", "255") + "<!-- end -->";

        assertThat(Page.renewed(page)).isNotEqualTo(page).contains("| 256 |");
    }

    @Test
    void aSourceThatHasNoSuchMember() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Page.renewed("<!-- from it/quickstart/pom.xml gone -->\n<!-- end -->"))
                .withMessage("it/quickstart/pom.xml has neither tag::gone[] nor a member gone");
    }

    @Test
    void codeOutsideOfMarks() {
        assertThat(Page.unmarked("<!-- table leaks -->\n```\n<!-- end -->\n")).doesNotContain("```");
        assertThat(Page.unmarked("<!-- table leaks -->\n<!-- end -->\n```java\n"))
                .contains("```");
    }

    @Test
    void aMessageThatNobodySays() {
        String page = """
                <!-- message native-helper/src/main/java/io/github/shmkit/internal/ipc/NewSegment.java -->
                    cannot create a … of … bytes: …%s; ask for less
                <!-- end -->""";

        assertThat(Page.unknownMessages(page.formatted(" is full"))).isEmpty();
        assertThat(Page.unknownMessages(page.formatted(" is empty"))).hasSize(1);
    }

    @Test
    void goalsParametersAndSettingsThatAreNot() {
        assertThat(Commands.unknown("mvn shm:check -Dshm.maxLeaks=3, mvn test -Dshmkit.seed=1"))
                .isEmpty();
        assertThat(Commands.unknown("mvn shm:wipe -Dshm.force -Dshmkit.sede=1 x:shm-maven-plugin:9:clean"))
                .containsExactly("goal wipe", "parameter shm.force", "setting shmkit.sede", "version 9");
        assertThat(Commands.unknown("mvn shm:clean -Dshm.maxLeaks=3"))
                .containsExactly("parameter of clean shm.maxLeaks");
    }

    @Test
    void namesOfCodeThatAreNot() {
        assertThat(CodeNames.unknown("`Verdicts.judge`, `reap` in `reaper.c`, `@Shm`, `ledger.h`"))
                .isEmpty();
        assertThat(CodeNames.unknown("`Verdicts.guess`, `sow` in `reaper.c`, `@Shmem`, `NoSuch`, `none.c`"))
                .containsExactly("Verdicts.guess", "sow in reaper.c", "@Shmem", "NoSuch", "none.c");
    }
}
