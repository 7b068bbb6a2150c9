package io.github.shmkit.examples;

import static io.github.shmkit.syscall.Operand.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Signal;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.HelperState;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** System calls of a helper, as the guide explains them. */
@ExtendWith(ShmExtension.class)
class AskTheKernelTests {
    @Test
    void aForkSharesAnonymousMemory(ShmTestkit kit) {
        NativeHelper parent = kit.nativeHelper("parent").start();
        SysResult memory = parent.sys()
                .mmap(0, 4096, Linux.PROT_READ | Linux.PROT_WRITE, Linux.MAP_SHARED | Linux.MAP_ANONYMOUS, -1, 0);
        NativeHelper child = parent.fork("child");

        child.at(memory.orThrow()).putInt(0, 42);

        assertThat(parent.at(memory.value()).getInt(0)).isEqualTo(42);
    }

    @Test
    void aFullShmIsEnospc(ShmTestkit kit) {
        NativeHelper helper =
                kit.nativeHelper("alone").isolated(1 << 20).asRoot().start();
        SysCalls sys = helper.sys();
        int fd = (int) sys.shmOpen("/full", Linux.O_CREAT | Linux.O_RDWR, 0600).orThrow();

        assertThat(sys.posixFallocate(fd, 0, 2 << 20).errno()).isEqualTo("ENOSPC");
    }

    @Test
    void aSignalInterruptsSemop(ShmTestkit kit) {
        NativeHelper helper = kit.nativeHelper("waiter").isolated().asRoot().start();
        SysCalls sys = helper.sys();
        int set = (int) sys.semget(Linux.IPC_PRIVATE, 1, 0600).orThrow();
        sys.sigaction(Signal.SIGUSR1, Linux.SIG_COUNT, Linux.SA_RESTART).orThrow();

        Running waiting = helper.run(
                Script.of(s -> s.call(LibcCall.SEMOP, number(set), number(0), number(-1), number(0), number(-1))));
        helper.awaitState(HelperState.SLEEPING);
        helper.signal(Signal.SIGUSR1);

        assertThat(waiting.await().values().get(0).errno()).isEqualTo("EINTR");
    }
}
