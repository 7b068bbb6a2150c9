package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@Program(name = "PHP", debian = "php8.2-cli", needs = @Needs(file = "php", debian = "php-cli"))
class PhpTests {
    private static CommandHelper.Builder php(ShmTestkit kit, String helper, Segment segment, String code) {
        return kit.command(helper, "php", "-r", "$memory = shm_attach({key});" + code)
                .attach(segment);
    }

    @EachCrashPoint
    @Asked(
            operation = "shm_put_var, of a variable that is there",
            question = "Does another process get the old value or the new one?",
            answer =
                    "Neither, from its removal to its last byte: shm_put_var removes the variable and appends it anew, and moves the others meanwhile.",
            points = 9,
            wrong = 6)
    void putVar(CrashPoint at, @Shm(kind = SegmentKind.SYSV_SHM, size = 4096) Segment segment, ShmTestkit kit) {
        Programs.run(php(kit, "creator", segment, "shm_put_var($memory, 1, 'old'); shm_put_var($memory, 2, 'other');"));

        at.runAndCrash(php(kit, "writer", segment, "shm_put_var($memory, 1, 'new');"));

        assertThat(Programs.run(
                        php(kit, "reader", segment, "echo shm_get_var($memory, 1), ' ', shm_get_var($memory, 2);")))
                .isIn("old other", "new other");
    }
}
