package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.torture.Tally.Victim;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Test JVMs with a session or several, as a build daemon has, without Maven and JUnit: most of the kills. */
final class LightLane extends Lane {
    private static final int LONGEST_LIFE_MILLIS = 60;
    private static final int SESSIONS_AT_MOST = 12;
    private static final int OBJECTS_AT_MOST = 30;

    LightLane(Random random, Tally tally, Cleaning cleaning, Scope scope) {
        super(random, tally, cleaning, scope);
    }

    @Override
    void round() throws Exception {
        String secret = newSecret();
        String session = Outside.sessionOf(secret);
        Process jvm = Jvm.start(
                secret,
                LightVictim.class,
                Integer.toString(1 + random.nextInt(SESSIONS_AT_MOST)),
                Integer.toString(LightVictim.KINDS + random.nextInt(OBJECTS_AT_MOST)));
        try {
            BufferedReader out = jvm.inputReader(StandardCharsets.UTF_8);
            assertThat(out.readLine()).as("see %s", Jvm.ERRORS).isEqualTo("at work");
            live(jvm, LONGEST_LIFE_MILLIS);
            killAll(jvm.pid(), session);
            clean(session, jvm.pid());
            assertThat(out.readLine())
                    .as("nothing of a living session was taken")
                    .isNull();
        } finally {
            jvm.destroyForcibly();
        }
    }

    /** The supervisors, most of them before their JVM, some while they reap, and some not at all. */
    private void killAll(long jvm, String session) throws IOException {
        List<Long> supervisors = new ArrayList<>();
        List<Long> helpers = new ArrayList<>();
        for (long process : Outside.processesOf(session, jvm)) {
            if (process != jvm) {
                (Outside.parentOf(process) == jvm ? supervisors : helpers).add(process);
            }
        }
        assertThat(supervisors).isNotEmpty();
        Collections.shuffle(supervisors, random);
        Collections.shuffle(helpers, random);
        if (random.nextInt(4) == 0 && !helpers.isEmpty()) {
            kill(Victim.HELPER, helpers.get(0), session, jvm);
        }
        int first = random.nextInt(supervisors.size() + 1);
        for (long supervisor : supervisors.subList(0, first)) {
            kill(Victim.SUPERVISOR, supervisor, session, jvm);
        }
        kill(Victim.TEST_JVM, jvm, session, jvm);
        for (long supervisor : supervisors.subList(first, supervisors.size())) {
            if (random.nextInt(8) > 0) {
                kill(Victim.REAPER, supervisor, session, jvm);
            }
        }
    }
}
