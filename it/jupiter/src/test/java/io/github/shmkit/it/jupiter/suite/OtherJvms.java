package io.github.shmkit.it.jupiter.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shmkit.Segment;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.JvmHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** JVM helpers, which have to find this class wherever the launcher has it from. */
@ExtendWith(ShmExtension.class)
public class OtherJvms {
    public static final int TESTS = 2;

    /** A main program of the tests. */
    public static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            System.out.println("ran with " + arguments[0]);
        }
    }

    @Test
    void runALambdaOfTheTest(@Shm(size = 64) Segment segment, ShmTestkit kit) {
        JvmHelper other = kit.jvm("other").attach(segment).start();

        int before = other.call(context -> context.segment().getAndSetInt(0, 7));

        assertEquals(0, before);
        assertEquals(7, segment.getInt(0));
    }

    @Test
    void runAMainMethodOfTheTest(ShmTestkit kit) {
        JvmHelper other = kit.jvm("other").start();

        other.main(Program.class, "an argument").await();

        assertEquals("ran with an argument\n", other.stdout().text());
    }
}
