package io.github.shmkit.it;

import java.nio.file.Path;
import java.util.List;

/** What becomes of a build that makes objects. */
enum Ending {
    SUCCESS(0, Cleaner.SESSION, "-Dending=pass"),
    FAILED_TEST(1, Cleaner.SESSION, "-Dending=fail"),
    FORK_HALTS(1, Cleaner.SESSION, "-Dending=halt"),
    GOAL_THROWS(1, Cleaner.SESSION, "-Dending=pass exec:java -Dexec.mainClass=scenario.ThrowingGoal"),
    GOAL_EXITS(7, Cleaner.SESSION, "-Dending=pass exec:java -Dexec.mainClass=scenario.ExitingGoal"),
    INTERRUPTED(130, Cleaner.SESSION, "-Dending=wait") {
        @Override
        void come(Mvn mvn) throws Exception {
            mvn.evidence();
            mvn.signalGroup("INT"); // as a terminal does
        }
    },
    TERMINATED(143, Cleaner.SESSION, "-Dending=wait") {
        @Override
        void come(Mvn mvn) throws Exception {
            mvn.evidence();
            mvn.signal("TERM");
        }
    },
    KILLED(137, Cleaner.WATCHDOG, "-Dending=wait") {
        @Override
        void come(Mvn mvn) throws Exception {
            mvn.evidence();
            mvn.signal("KILL");
        }
    },
    GROUP_KILLED(137, Cleaner.WATCHDOG, "-Dending=wait") {
        @Override
        void come(Mvn mvn) throws Exception {
            mvn.evidence();
            mvn.signalGroup("KILL");
        }
    },
    /** With its watchdog, so that the next build on the machine is what cleans up. */
    ALL_KILLED(137, Cleaner.NEXT_BUILD, "-Dending=kill-all"),
    /** The same, but what comes next is a goal where there is no project. */
    ALL_KILLED_NO_PROJECT(137, Cleaner.GOAL, "-Dending=kill-all"),
    /** Two modules side by side, each of whose tests runs a program that leaks. */
    SIDE_BY_SIDE(0, Cleaner.END, "-T2") {
        @Override
        Path project() {
            return Mvn.project("modules");
        }

        @Override
        List<Path> modules() {
            return List.of(project().resolve("a"), project().resolve("b"));
        }
    },
    WITHOUT_EXTENSIONS(0, Cleaner.END, Mvn.GOAL + "snapshot") {
        @Override
        Path project() {
            return Mvn.project("unextended");
        }
    };

    /** Who removes what is left, and how the log says so. */
    enum Cleaner {
        SESSION(
                "shmkit: removed 3 objects \\(.*: MMAP_FILE, POSIX_SHM, SYSV_SHM\\) that test JVM \\d+ of this build left"),
        /** Of a Maven that says nothing more. */
        WATCHDOG(""),
        NEXT_BUILD("shmkit: removed 3 objects \\(.*\\) that test JVM 1 of session SESSION, which is dead, left"),
        GOAL("3 objects removed"),
        END("shmkit: removed [24] objects \\(.*\\) that a program of this build left");

        private final String said;

        Cleaner(String said) {
            this.said = said;
        }

        /** A regular expression; it is in that Maven's log which cleans up. */
        String said(String session) {
            return said.replace("SESSION", session);
        }

        boolean isAnotherMaven() {
            return this == NEXT_BUILD || this == GOAL;
        }
    }

    private final int exitCode;
    private final Cleaner cleaner;
    /** Parted by spaces. */
    private final String arguments;

    Ending(int exitCode, Cleaner cleaner, String arguments) {
        this.exitCode = exitCode;
        this.cleaner = cleaner;
        this.arguments = arguments;
    }

    int exitCode() {
        return exitCode;
    }

    Cleaner cleaner() {
        return cleaner;
    }

    String[] arguments(String surefire) {
        String tests = "surefire:test -Dsurefire.version=" + surefire;
        // A goal that guards comes before the tests, one that ends the build after them.
        boolean first = this == WITHOUT_EXTENSIONS;
        return (first ? arguments + " " + tests : tests + " " + arguments).split(" ", -1);
    }

    Path project() {
        return Mvn.project("endings");
    }

    /** Where its tests say what they made. */
    List<Path> modules() {
        return List.of(project());
    }

    /** Brings it about, if it does not come by itself. */
    void come(Mvn mvn) throws Exception {}
}
