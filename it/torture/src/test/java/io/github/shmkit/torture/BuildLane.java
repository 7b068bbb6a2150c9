package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.torture.Tally.Victim;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Builds, their test JVMs with JUnit, all their guards and helpers. */
final class BuildLane extends Lane {
    private static final int LONGEST_LIFE_MILLIS = 120;

    BuildLane(Random random, Tally tally, Cleaning cleaning, Scope scope) {
        super(random, tally, cleaning, scope);
    }

    /** A process and what it was before anybody was killed. */
    private record Target(long pid, Victim victim) {}

    @Override
    void round() throws Exception {
        String secret = newSecret();
        String session = Outside.sessionOf(secret);
        Process build = Jvm.start("", Build.class, secret);
        try {
            BufferedReader out = build.inputReader(StandardCharsets.UTF_8);
            assertThat(out.readLine()).as("see %s", Jvm.ERRORS).isEqualTo("at work");
            live(build, LONGEST_LIFE_MILLIS);
            List<Target> targets = targets(session, build.pid());
            long testJvm = targets.stream()
                    .filter(target -> target.victim == Victim.TEST_JVM)
                    .findFirst()
                    .orElseThrow()
                    .pid();
            boolean jvmDead = false;
            for (Target target : targets) {
                boolean guard = target.victim == Victim.SUPERVISOR || target.victim == Victim.WATCHDOG;
                if (guard && random.nextInt(4) == 0) {
                    continue; // it is left to do its work
                }
                Victim victim = target.victim == Victim.SUPERVISOR && jvmDead ? Victim.REAPER : target.victim;
                kill(victim, target.pid, session, testJvm);
                jvmDead = jvmDead || target.victim == Victim.TEST_JVM;
            }
            build.waitFor();
            clean(session, testJvm);
        } finally {
            build.destroyForcibly();
        }
    }

    /** In random order, some of the helpers left out. */
    private List<Target> targets(String session, long build) throws Exception {
        List<Target> targets = new ArrayList<>();
        for (long pid : Outside.processesOf(session, build)) {
            Victim victim = victim(pid, build);
            if (victim != Victim.HELPER || random.nextInt(4) == 0) {
                targets.add(new Target(pid, victim));
            }
        }
        Collections.shuffle(targets, random);
        return targets;
    }

    private static Victim victim(long pid, long build) {
        if (pid == build) {
            return Victim.BUILD;
        }
        String role = Outside.role(pid);
        if (role.equals("watch")) {
            return Victim.WATCHDOG;
        }
        if (role.isEmpty()) {
            return Victim.TEST_JVM;
        }
        // A helper is forked by its supervisor, and has its arguments.
        return Outside.role(Outside.parentOf(pid)).isEmpty() ? Victim.SUPERVISOR : Victim.HELPER;
    }
}
