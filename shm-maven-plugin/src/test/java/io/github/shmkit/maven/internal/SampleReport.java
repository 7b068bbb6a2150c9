package io.github.shmkit.maven.internal;

import java.util.List;

/** A report as a build of three modules may have it. */
final class SampleReport {
    static final String SESSION = "Zk3vQ9sT1xYbR7mLwPd0Ag";
    private static final long KIB = 1024;
    private static final String STORE = "surefire:test (default-test) of store";
    private static final String BROKER = "failsafe:integration-test (default) of broker";

    private SampleReport() {}

    static LeakReport report() {
        return new LeakReport(
                "2026-11-20T09:14:52Z",
                SESSION,
                List.of(
                        leak(
                                "POSIX_SHM",
                                "/dev/shm/ring.4711",
                                16384 * KIB,
                                4711,
                                "ringd",
                                BROKER,
                                "09:14:31.208",
                                "DELETED"),
                        leak(
                                "POSIX_SHM",
                                "/dev/shm/psm_7f3a91c2",
                                2048 * KIB,
                                4502,
                                "python3",
                                STORE,
                                "09:13:58.644",
                                "DELETED"),
                        leak(
                                "POSIX_SHM",
                                "/dev/shm/psm_0be4d117",
                                2048 * KIB,
                                4502,
                                "python3",
                                STORE,
                                "09:13:58.651",
                                "DELETED"),
                        leak(
                                "SYSV_SHM",
                                "id 98317 key 0x51e7a002",
                                512 * KIB,
                                4630,
                                "store-bench",
                                STORE,
                                "09:14:05",
                                "DELETED"),
                        leak(
                                "POSIX_MQ",
                                "/dev/mqueue/broker.dead-letters",
                                80,
                                4711,
                                "ringd",
                                BROKER,
                                "09:14:31.197",
                                "DELETED"),
                        leak("POSIX_SEM", "/dev/shm/sem.ring.4711", 32, 4711, "ringd", BROKER, "09:14:31.214", "BUSY"),
                        other(
                                "SYSV_SEM",
                                "id 65538 key 0x0000cafe",
                                3,
                                "SUSPECT",
                                "R7_UNUSED",
                                "the kernel does not tell who uses it; session " + SESSION + " may have made it"),
                        other(
                                "POSIX_SHM",
                                "/dev/shm/psm_5d20c6aa",
                                4 * KIB,
                                "LIVE",
                                "R6_NO_CARRIER",
                                "process 4919, started by session " + SESSION + ", still runs")),
                List.of("POSIX_MQ of other users cannot be listed: /dev/mqueue is not readable"));
    }

    private static Item leak(
            String kind,
            String address,
            long size,
            long pid,
            String program,
            String during,
            String time,
            String outcome) {
        return new Item(
                kind,
                address,
                "",
                size,
                size,
                SESSION,
                "",
                pid,
                program,
                during,
                "2026-11-20T" + time + "Z",
                "2026-11-20T09:14:40Z",
                "DELETE",
                "R7_UNUSED",
                "process " + pid + " of session " + SESSION + " made it and nobody uses it",
                outcome,
                true,
                false,
                outcome.equals("BUSY") ? "end ring-server (4919)" : "",
                1000,
                "the kernel names that process, which descends from the build");
    }

    private static Item other(String kind, String address, long size, String decision, String rule, String reason) {
        return new Item(
                kind,
                address,
                "",
                size,
                size,
                SESSION,
                "",
                0,
                "",
                "",
                "2026-11-20T09:14:02Z",
                "2026-11-20T09:14:40Z",
                decision,
                rule,
                reason,
                "",
                false,
                false,
                "",
                1000,
                "");
    }
}
