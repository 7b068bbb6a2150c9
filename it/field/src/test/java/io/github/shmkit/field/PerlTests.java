package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@Program(
        name = "Perl IPC::Shareable",
        debian = "libipc-shareable-perl",
        needs = @Needs(file = "/usr/share/perl5/IPC/Shareable.pm", debian = "libipc-shareable-perl"))
class PerlTests {
    private static final int KEY = 0x5eed;
    private static final int SIZE = 4096;

    private static CommandHelper.Builder perl(ShmTestkit kit, String helper, String code) {
        String tie = "tie my $box, 'IPC::Shareable', {{key => " + KEY + ", size => " + SIZE + ", create => 1}};";
        return kit.command(helper, "perl", "-MIPC::Shareable", "-e", tie + code);
    }

    @EachCrashPoint
    @Asked(
            operation = "a scalar assigned under its lock",
            question = "Does another process get the lock, and read the old value or the new one?",
            answer = "The lock, yes, which the kernel undoes; but the value may be half of each.",
            points = 7,
            torn = 1)
    void assign(CrashPoint at, ShmTestkit kit) {
        String id = Programs.run(perl(kit, "creator", "$box = 'old' x 5; print((tied $box)->seg->id);"));
        Segment segment = kit.adopt(new SegmentAddress.BySysv(Integer.parseInt(id), KEY, SIZE));
        try {
            at.runAndCrash(perl(kit, "writer", "(tied $box)->lock; $box = 'new' x 5; (tied $box)->unlock;")
                    .attach(segment));

            CommandHelper reader = perl(kit, "reader", "(tied $box)->lock; print $box; (tied $box)->unlock;")
                    .start();
            at.othersGoOn(reader);
            assertThat(reader.stdout().text()).as("torn").isIn("oldoldoldoldold", "newnewnewnewnew");
        } finally {
            segment.close();
            Programs.run(perl(kit, "remover", "(tied $box)->remove;"));
        }
    }
}
