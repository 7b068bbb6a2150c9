package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.shmkit.junit.Faults.Resource;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(ShmExtension.class)
class ExhaustionTests {
    private static final long MEGABYTE = 1 << 20;

    /** In namespaces of its own, where this machine lets it. */
    private static NativeHelper isolated(ShmTestkit kit) {
        NativeHelper helper = kit.nativeHelper("isolated").start();
        SysResult unshared = helper.sys().unshare(Linux.CLONE_NEWIPC | Linux.CLONE_NEWNS);
        Assumptions.assumeTrue(unshared.succeeded(), () -> "namespaces need root: " + unshared);
        return helper;
    }

    private static SysResult attempt(SysCalls sys, Resource resource) {
        return switch (resource) {
            case SEGMENT_IDS -> sys.shmget(Linux.IPC_PRIVATE, 1, 0600);
            case SEMAPHORE_IDS -> sys.semget(Linux.IPC_PRIVATE, 1, 0600);
            case QUEUE_IDS -> sys.msgget(Linux.IPC_PRIVATE, 0600);
            default -> throw new AssertionError(resource);
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = Resource.class,
            names = {"SEGMENT_IDS", "SEMAPHORE_IDS", "QUEUE_IDS"})
    void aHelperHasNoIdsUntilTheyAreGivenBack(Resource resource, ShmTestkit kit) throws IOException {
        NativeHelper helper = isolated(kit);
        allowFew(helper);
        int before = rows();

        Faults.Fault fault = kit.faults().exhaust(helper, resource);

        assertThat(attempt(helper.sys(), resource).errno()).isEqualTo("ENOSPC");
        assertThat(rows()).as("what this JVM sees of them").isLessThan(before + 50);
        fault.close();
        assertThat(attempt(helper.sys(), resource).succeeded()).isTrue();
    }

    /** Thousands, as machines have, take their time. */
    private static void allowFew(NativeHelper helper) {
        Map.of("shmmni", "64", "sem", "32000 1024000000 500 64", "msgmni", "64").forEach((name, limit) -> {
            int fd = (int) helper.sys()
                    .open("/proc/sys/kernel/" + name, Linux.O_WRONLY, 0)
                    .orThrow();
            helper.sys().write(fd, limit.getBytes(StandardCharsets.US_ASCII)).orThrow();
            helper.sys().close(fd).orThrow();
        });
    }

    private static int rows() throws IOException {
        int rows = 0;
        for (String table : new String[] {"shm", "sem", "msg"}) {
            rows += Files.readAllLines(Path.of("/proc/sysvipc/" + table)).size();
        }
        return rows;
    }

    @Test
    void aHelperHasNoSpaceInDevShm(ShmTestkit kit) {
        NativeHelper helper = isolated(kit);
        helper.sys().mountShm(MEGABYTE).orThrow();
        int fd = (int) helper.sys()
                .shmOpen("/mine", Linux.O_RDWR | Linux.O_CREAT, 0600)
                .orThrow();

        Faults.Fault fault = kit.faults().exhaust(helper, Resource.SHM_SPACE);

        assertThat(helper.sys().posixFallocate(fd, 0, 4096).errno()).isEqualTo("ENOSPC");
        fault.close();
        assertThat(helper.sys().posixFallocate(fd, 0, 4096).succeeded()).isTrue();
    }

    @Test
    void aHelperHasNoDescriptors(ShmTestkit kit) {
        NativeHelper helper = kit.nativeHelper("poor").start();

        Faults.Fault fault = kit.faults().exhaust(helper, Resource.DESCRIPTORS);

        assertThat(helper.sys().open("/dev/null", Linux.O_RDONLY, 0).errno()).isEqualTo("EMFILE");
        fault.close();
        assertThat(helper.sys().open("/dev/null", Linux.O_RDONLY, 0).succeeded())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Resource.class,
            names = {"SEGMENT_IDS", "SEMAPHORE_IDS", "QUEUE_IDS"})
    void idsThatOthersShareAreNotTaken(Resource resource, ShmTestkit kit) {
        NativeHelper helper = kit.nativeHelper("plain").start();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> kit.faults().exhaust(helper, resource))
                .withMessageStartingWith("helper 'plain' (pid " + helper.pid()
                        + ") cannot be made to run out of System V ids: it is in the IPC namespace of this JVM")
                .withMessageContaining("sys().unshare(Linux.CLONE_NEWIPC)");
    }

    @Test
    void spaceThatOthersShareIsNotTaken(ShmTestkit kit) {
        NativeHelper plain = kit.nativeHelper("plain").start();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kit.faults().exhaust(plain, Resource.SHM_SPACE))
                .withMessageContaining("it has the /dev/shm of this JVM")
                .withMessageContaining("sys().mountShm(bytes)");

        // A mount namespace alone has still the same file system there.
        NativeHelper isolated = isolated(kit);
        assertThatIllegalArgumentException().isThrownBy(() -> kit.faults().exhaust(isolated, Resource.SHM_SPACE));
    }

    @ExtendWith(ShmExtension.class)
    static class LeftCase {
        @Test
        void test(ShmTestkit kit) {
            kit.faults().exhaust(kit.nativeHelper("poor").start(), Resource.DESCRIPTORS);
        }
    }

    @Test
    void itEndsWithTheTest() {
        NestedRun.of(LeftCase.class).allPassed(1);
    }
}
