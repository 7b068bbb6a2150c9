package io.github.shmkit.bench;

import java.util.ArrayList;
import java.util.List;

/** IPC and mount namespaces with a /dev/shm of their own, so that a benchmark can fill both and disturbs nobody. */
final class Namespaces {
    private static final String PREPARE = """
            mount -t tmpfs -o mode=1777,size=75% tmpfs /dev/shm || exit
            # As far as the kernel lets us: queues for messages of 1 MiB
            for limit in kernel/msgmax=1048576 kernel/msgmnb=8388608 fs/mqueue/msgsize_max=1048576; do
              { echo "${limit#*=}" > "/proc/sys/${limit%=*}"; } 2> /dev/null
            done
            exec "$@"
            """;

    private Namespaces() {}

    /** The command in such namespaces. */
    static List<String> in(boolean root, List<String> command) {
        List<String> all = new ArrayList<>(List.of("unshare", "--mount", "--ipc", "--propagation", "private"));
        if (!root) {
            all.addAll(List.of("--user", "--map-root-user"));
        }
        all.addAll(List.of("sh", "-c", PREPARE, "bench"));
        all.addAll(command);
        return all;
    }
}
