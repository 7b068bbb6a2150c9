package io.github.shmkit.syscall;

import io.github.shmkit.Signal;
import io.github.shmkit.process.NativeHelper;
import java.time.Duration;

/**
 * System calls and functions of the C library, done by a native helper, with their raw result.
 *
 * <p>Each method does what its manual page says; none throws because the call failed: {@link SysResult#errno} names the
 * error. What a helper makes in this way is not known to the session, and is the test's to remove.
 *
 * <p>System calls are answered by the kernel. The rules of functions that the C library has of its own, as shm_open(3),
 * sem_open(3), mq_open(3) and the mutexes, are those of the C library that is in the helper's program: it is linked
 * statically, and {@link #confstr} tells its version. Programs of the machine may have another.
 *
 * @since 0.1.0
 */
public interface SysCalls {
    /**
     * Calls a function.
     *
     * @param function which
     * @param arguments as many as {@link LibcCall#signature} has letters
     * @return what came of it
     * @throws IllegalArgumentException if the number or a kind of the arguments is wrong
     */
    SysResult call(LibcCall function, Operand... arguments);

    /**
     * Maps memory, see mmap(2).
     *
     * @param address where; 0 leaves it to the kernel
     * @param length bytes
     * @param protection PROT_… of {@link Linux}
     * @param flags of {@link Linux}
     * @param fd a descriptor of the helper's
     * @param offset where, in bytes
     * @return its value is the address; use it with {@link NativeHelper#at}
     */
    default SysResult mmap(long address, long length, int protection, int flags, int fd, long offset) {
        return call(
                LibcCall.MMAP,
                Operand.number(address),
                Operand.number(length),
                Operand.number(protection),
                Operand.number(flags),
                Operand.number(fd),
                Operand.number(offset));
    }

    /**
     * Unmaps memory, see munmap(2).
     *
     * @param address a multiple of the page size
     * @param length bytes
     * @return 0 or the error
     */
    default SysResult munmap(long address, long length) {
        return call(LibcCall.MUNMAP, Operand.number(address), Operand.number(length));
    }

    /**
     * Changes what may be done with memory, see mprotect(2).
     *
     * @param address a multiple of the page size
     * @param length bytes
     * @param protection PROT_… of {@link Linux}
     * @return 0 or the error
     */
    default SysResult mprotect(long address, long length, int protection) {
        return call(LibcCall.MPROTECT, Operand.number(address), Operand.number(length), Operand.number(protection));
    }

    /**
     * Writes a mapped file back, see msync(2).
     *
     * @param address a multiple of the page size
     * @param length bytes
     * @param flags of {@link Linux}
     * @return 0 or the error
     */
    default SysResult msync(long address, long length, int flags) {
        return call(LibcCall.MSYNC, Operand.number(address), Operand.number(length), Operand.number(flags));
    }

    /**
     * Locks memory, see mlock(2).
     *
     * @param address a multiple of the page size
     * @param length bytes
     * @return 0 or the error
     */
    default SysResult mlock(long address, long length) {
        return call(LibcCall.MLOCK, Operand.number(address), Operand.number(length));
    }

    /**
     * Unlocks memory, see munlock(2).
     *
     * @param address a multiple of the page size
     * @param length bytes
     * @return 0 or the error
     */
    default SysResult munlock(long address, long length) {
        return call(LibcCall.MUNLOCK, Operand.number(address), Operand.number(length));
    }

    /**
     * Gives advice about memory, see madvise(2).
     *
     * @param address a multiple of the page size
     * @param length bytes
     * @param advice MADV_… of {@link Linux}
     * @return 0 or the error
     */
    default SysResult madvise(long address, long length, int advice) {
        return call(LibcCall.MADVISE, Operand.number(address), Operand.number(length), Operand.number(advice));
    }

    /**
     * Moves or resizes a mapping, see mremap(2).
     *
     * @param address of the mapping
     * @param size bytes
     * @param newSize bytes
     * @param flags of {@link Linux}
     * @param newAddress with MREMAP_FIXED
     * @return its value is the new address
     */
    default SysResult mremap(long address, long size, long newSize, int flags, long newAddress) {
        return call(
                LibcCall.MREMAP,
                Operand.number(address),
                Operand.number(size),
                Operand.number(newSize),
                Operand.number(flags),
                Operand.number(newAddress));
    }

    /**
     * Opens a file, see open(2); always with O_CLOEXEC.
     *
     * @param path of the file
     * @param flags of {@link Linux}
     * @param mode permissions
     * @return its value is the descriptor
     */
    default SysResult open(String path, int flags, int mode) {
        return call(LibcCall.OPEN, Operand.text(path), Operand.number(flags), Operand.number(mode));
    }

    /**
     * Closes a descriptor, see close(2).
     *
     * @param fd a descriptor of the helper's
     * @return 0 or the error
     */
    default SysResult close(int fd) {
        return call(LibcCall.CLOSE, Operand.number(fd));
    }

    /**
     * Reads from a descriptor, see read(2); the bytes come back.
     *
     * @param fd a descriptor of the helper's
     * @param length bytes
     * @return its value is how many
     */
    default SysResult read(int fd, int length) {
        return call(LibcCall.READ, Operand.number(fd), Operand.room(length), Operand.number(length));
    }

    /**
     * Writes to a descriptor, see write(2).
     *
     * @param fd a descriptor of the helper's
     * @param bytes what
     * @return its value is how many
     */
    default SysResult write(int fd, byte[] bytes) {
        return call(LibcCall.WRITE, Operand.number(fd), Operand.input(bytes), Operand.number(bytes.length));
    }

    /**
     * Reads at an offset, see pread(2); the bytes come back.
     *
     * @param fd a descriptor of the helper's
     * @param length bytes
     * @param offset where, in bytes
     * @return its value is how many
     */
    default SysResult pread(int fd, int length, long offset) {
        return call(
                LibcCall.PREAD,
                Operand.number(fd),
                Operand.room(length),
                Operand.number(length),
                Operand.number(offset));
    }

    /**
     * Writes at an offset, see pwrite(2).
     *
     * @param fd a descriptor of the helper's
     * @param bytes what
     * @param offset where, in bytes
     * @return its value is how many
     */
    default SysResult pwrite(int fd, byte[] bytes, long offset) {
        return call(
                LibcCall.PWRITE,
                Operand.number(fd),
                Operand.input(bytes),
                Operand.number(bytes.length),
                Operand.number(offset));
    }

    /**
     * Moves a descriptor's offset, see lseek(2).
     *
     * @param fd a descriptor of the helper's
     * @param offset where, in bytes
     * @param whence SEEK_… of {@link Linux}
     * @return its value is the new offset
     */
    default SysResult lseek(int fd, long offset, int whence) {
        return call(LibcCall.LSEEK, Operand.number(fd), Operand.number(offset), Operand.number(whence));
    }

    /**
     * Sets the size of an open file, see ftruncate(2).
     *
     * @param fd a descriptor of the helper's
     * @param length bytes
     * @return 0 or the error
     */
    default SysResult ftruncate(int fd, long length) {
        return call(LibcCall.FTRUNCATE, Operand.number(fd), Operand.number(length));
    }

    /**
     * Sets the size of a file, see truncate(2).
     *
     * @param path of the file
     * @param length bytes
     * @return 0 or the error
     */
    default SysResult truncate(String path, long length) {
        return call(LibcCall.TRUNCATE, Operand.text(path), Operand.number(length));
    }

    /**
     * Allocates or frees space of a file, see fallocate(2).
     *
     * @param fd a descriptor of the helper's
     * @param mode 0 or FALLOC_FL_… of {@link Linux}
     * @param offset where, in bytes
     * @param length bytes
     * @return 0 or the error
     */
    default SysResult fallocate(int fd, int mode, long offset, long length) {
        return call(
                LibcCall.FALLOCATE,
                Operand.number(fd),
                Operand.number(mode),
                Operand.number(offset),
                Operand.number(length));
    }

    /**
     * Allocates space of a file, see posix_fallocate(3).
     *
     * @param fd a descriptor of the helper's
     * @param offset where, in bytes
     * @param length bytes
     * @return 0 or the error
     */
    default SysResult posixFallocate(int fd, long offset, long length) {
        return call(LibcCall.POSIX_FALLOCATE, Operand.number(fd), Operand.number(offset), Operand.number(length));
    }

    /**
     * Removes a name, see unlink(2).
     *
     * @param path of the file
     * @return 0 or the error
     */
    default SysResult unlink(String path) {
        return call(LibcCall.UNLINK, Operand.text(path));
    }

    /**
     * Looks at an open file, see fstat(2).
     *
     * @param fd a descriptor of the helper's
     * @return see {@link SysResult#fileStatus}
     */
    default SysResult fstat(int fd) {
        return call(LibcCall.FSTAT, Operand.number(fd), Operand.record());
    }

    /**
     * Changes the permissions of an open file, see fchmod(2).
     *
     * @param fd a descriptor of the helper's
     * @param mode permissions
     * @return 0 or the error
     */
    default SysResult fchmod(int fd, int mode) {
        return call(LibcCall.FCHMOD, Operand.number(fd), Operand.number(mode));
    }

    /**
     * Opens a POSIX shared memory object, see shm_open(3).
     *
     * @param name with its leading slash
     * @param flags of {@link Linux}
     * @param mode permissions
     * @return its value is the descriptor
     */
    default SysResult shmOpen(String name, int flags, int mode) {
        return call(LibcCall.SHM_OPEN, Operand.text(name), Operand.number(flags), Operand.number(mode));
    }

    /**
     * Removes the name of a POSIX shared memory object, see shm_unlink(3).
     *
     * @param name with its leading slash
     * @return 0 or the error
     */
    default SysResult shmUnlink(String name) {
        return call(LibcCall.SHM_UNLINK, Operand.text(name));
    }

    /**
     * Makes an anonymous file, see memfd_create(2).
     *
     * @param name for /proc only
     * @param flags of {@link Linux}
     * @return its value is the descriptor
     */
    default SysResult memfdCreate(String name, int flags) {
        return call(LibcCall.MEMFD_CREATE, Operand.text(name), Operand.number(flags));
    }

    /**
     * Finds or makes a System V segment, see shmget(2).
     *
     * @param key or IPC_PRIVATE
     * @param size bytes
     * @param flags of {@link Linux}
     * @return its value is its id
     */
    default SysResult shmget(int key, long size, int flags) {
        return call(LibcCall.SHMGET, Operand.number(key), Operand.number(size), Operand.number(flags));
    }

    /**
     * Attaches a System V segment, see shmat(2).
     *
     * @param shmid its id
     * @param address where; 0 leaves it to the kernel
     * @param flags of {@link Linux}
     * @return its value is the address; use it with {@link NativeHelper#at}
     */
    default SysResult shmat(int shmid, long address, int flags) {
        return call(LibcCall.SHMAT, Operand.number(shmid), Operand.number(address), Operand.number(flags));
    }

    /**
     * Detaches a System V segment, see shmdt(2).
     *
     * @param address where it is attached
     * @return 0 or the error
     */
    default SysResult shmdt(long address) {
        return call(LibcCall.SHMDT, Operand.number(address));
    }

    /**
     * Looks at or controls a System V segment, see shmctl(2).
     *
     * @param shmid its id
     * @param command IPC_… or SHM_… of {@link Linux}
     * @return see {@link SysResult#segmentStatus} and {@link SysResult#numbers}
     */
    default SysResult shmctl(int shmid, int command) {
        return call(LibcCall.SHMCTL, Operand.number(shmid), Operand.number(command), Operand.record());
    }

    /**
     * Makes a key of a file, see ftok(3).
     *
     * @param path of the file
     * @param project the low 8 bits count, and must not be 0
     * @return its value is the key
     */
    default SysResult ftok(String path, int project) {
        return call(LibcCall.FTOK, Operand.text(path), Operand.number(project));
    }

    /**
     * Sets the mask of permissions, see umask(2).
     *
     * @param mask the bits that are taken away
     * @return its value is the mask before
     */
    default SysResult umask(int mask) {
        return call(LibcCall.UMASK, Operand.number(mask));
    }

    /**
     * Changes the effective user, see seteuid(2).
     *
     * @param uid the user
     * @return 0 or the error
     */
    default SysResult seteuid(long uid) {
        return call(LibcCall.SETEUID, Operand.number(uid));
    }

    /**
     * Changes the effective group, see setegid(2).
     *
     * @param gid the group
     * @return 0 or the error
     */
    default SysResult setegid(long gid) {
        return call(LibcCall.SETEGID, Operand.number(gid));
    }

    /**
     * Gives up all supplementary groups, see setgroups(2).
     *
     * @return 0 or the error
     */
    default SysResult dropGroups() {
        return call(LibcCall.SETGROUPS);
    }

    /**
     * Sets a limit, see setrlimit(2).
     *
     * @param resource RLIMIT_… of {@link Linux}
     * @param soft the limit
     * @param hard up to which it may be raised
     * @return 0 or the error
     */
    default SysResult setrlimit(int resource, long soft, long hard) {
        return call(LibcCall.SETRLIMIT, Operand.number(resource), Operand.number(soft), Operand.number(hard));
    }

    /**
     * Moves the helper into namespaces of its own, see unshare(2).
     *
     * @param flags of {@link Linux}
     * @return 0 or the error
     */
    default SysResult unshare(int flags) {
        return call(LibcCall.UNSHARE, Operand.number(flags));
    }

    /**
     * Mounts a tmpfs on /dev/shm, in a mount namespace of the helper's own: EPERM in the one that it came from.
     *
     * @param size bytes
     * @return 0 or the error
     */
    default SysResult mountShm(long size) {
        return call(LibcCall.MOUNT_SHM, Operand.number(size));
    }

    /**
     * Makes a pipe, see pipe(2).
     *
     * @return 0; {@link SysResult#numbers} begin with the read end and the write end
     */
    default SysResult pipe() {
        return call(LibcCall.PIPE, Operand.record());
    }

    /**
     * Makes two sockets that are connected to each other, see socketpair(2).
     *
     * @param domain AF_UNIX of {@link Linux}
     * @param type SOCK_… of {@link Linux}
     * @return 0; {@link SysResult#numbers} begin with the two descriptors
     */
    default SysResult socketpair(int domain, int type) {
        return call(
                LibcCall.SOCKETPAIR, Operand.number(domain), Operand.number(type), Operand.number(0), Operand.record());
    }

    /**
     * Duplicates a descriptor, see dup2(2).
     *
     * @param fd a descriptor of the helper's
     * @param target the number that it gets
     * @return its value is the target
     */
    default SysResult dup2(int fd, int target) {
        return call(LibcCall.DUP2, Operand.number(fd), Operand.number(target));
    }

    /**
     * Sends a signal, see kill(2); EPERM for pid -1.
     *
     * @param pid a process
     * @param signal its number
     * @return 0 or the error
     */
    default SysResult kill(long pid, int signal) {
        return call(LibcCall.KILL, Operand.number(pid), Operand.number(signal));
    }

    /**
     * Tells the helper's pid as it sees it itself, see getpid(2).
     *
     * @return its value is the pid
     */
    default SysResult getpid() {
        return call(LibcCall.GETPID);
    }

    /**
     * Waits for a child, see waitpid(2).
     *
     * @param pid a process
     * @param options WNOHANG or 0
     * @return its value is the pid; {@link SysResult#numbers} begin with the wait status
     */
    default SysResult waitpid(long pid, int options) {
        return call(LibcCall.WAITPID, Operand.number(pid), Operand.number(options), Operand.record());
    }

    /**
     * Calls code in the helper's memory: a function that takes nothing and returns an integer.
     *
     * @param address where the code is
     * @return its value is what it returned
     */
    default SysResult invoke(long address) {
        return call(LibcCall.INVOKE, Operand.number(address));
    }

    /**
     * Changes owner and permissions of a System V segment, see IPC_SET in shmctl(2).
     *
     * @param shmid its id
     * @param uid the new owner
     * @param gid the new group
     * @param mode the new permissions
     * @return 0 or the error
     */
    default SysResult shmSet(int shmid, long uid, long gid, int mode) {
        return call(
                LibcCall.SHMCTL, Operand.number(shmid), Operand.number(Linux.IPC_SET), ownership(uid, gid, mode, 0));
    }

    /**
     * Makes a process-shared, robust, error-checking mutex, see pthread_mutex_init(3).
     *
     * @param address where it is, in the helper's memory
     * @return 0 or the error
     */
    default SysResult mutexInit(long address) {
        return call(LibcCall.MUTEX_INIT, Operand.number(address));
    }

    /**
     * Locks a mutex, see pthread_mutex_clocklock(3); EOWNERDEAD comes with the mutex.
     *
     * @param address where it is, in the helper's memory
     * @param max how long at most; zero does not wait
     * @return 0 or the error
     */
    default SysResult mutexLock(long address, Duration max) {
        return call(LibcCall.MUTEX_LOCK, Operand.number(address), time(max));
    }

    /**
     * Unlocks a mutex, see pthread_mutex_unlock(3).
     *
     * @param address where it is, in the helper's memory
     * @return 0 or the error
     */
    default SysResult mutexUnlock(long address) {
        return call(LibcCall.MUTEX_UNLOCK, Operand.number(address));
    }

    /**
     * Makes a mutex usable again whose owner died, see pthread_mutex_consistent(3).
     *
     * @param address where it is, in the helper's memory
     * @return 0 or the error
     */
    default SysResult mutexConsistent(long address) {
        return call(LibcCall.MUTEX_CONSISTENT, Operand.number(address));
    }

    /**
     * Makes a process-shared condition variable, see pthread_cond_init(3).
     *
     * @param address where it is, in the helper's memory
     * @return 0 or the error
     */
    default SysResult conditionInit(long address) {
        return call(LibcCall.COND_INIT, Operand.number(address));
    }

    /**
     * Waits for a condition variable, see pthread_cond_clockwait(3).
     *
     * @param address where it is, in the helper's memory
     * @param mutex where the mutex is, which this helper has locked
     * @param max how long at most; zero does not wait
     * @return 0 or the error
     */
    default SysResult conditionWait(long address, long mutex, Duration max) {
        return call(LibcCall.COND_WAIT, Operand.number(address), Operand.number(mutex), time(max));
    }

    /**
     * Wakes one that waits, see pthread_cond_signal(3).
     *
     * @param address where it is, in the helper's memory
     * @return 0 or the error
     */
    default SysResult conditionSignal(long address) {
        return call(LibcCall.COND_SIGNAL, Operand.number(address));
    }

    /**
     * Wakes all that wait, see pthread_cond_broadcast(3).
     *
     * @param address where it is, in the helper's memory
     * @return 0 or the error
     */
    default SysResult conditionBroadcast(long address) {
        return call(LibcCall.COND_BROADCAST, Operand.number(address));
    }

    /**
     * Sleeps while a number of 4 bytes is what is expected, see futex(2).
     *
     * @param address where it is, in the helper's memory
     * @param expected what is there if it is to sleep
     * @param max how long at most; zero does not wait
     * @return 0 or the error
     */
    default SysResult futexWait(long address, int expected, Duration max) {
        return call(LibcCall.FUTEX_WAIT, Operand.number(address), Operand.number(expected), time(max));
    }

    /**
     * Wakes those that sleep at an address, see futex(2).
     *
     * @param address where it is, in the helper's memory
     * @param count how many
     * @return its value is how many woke
     */
    default SysResult futexWake(long address, int count) {
        return call(LibcCall.FUTEX_WAKE, Operand.number(address), Operand.number(count));
    }

    /**
     * Opens a POSIX semaphore, see sem_open(3).
     *
     * @param name with its leading slash
     * @param flags of {@link Linux}
     * @param mode permissions of a new one
     * @param value of a new one
     * @return its value is its address
     */
    default SysResult semOpen(String name, int flags, int mode, int value) {
        return call(
                LibcCall.SEM_OPEN,
                Operand.text(name),
                Operand.number(flags),
                Operand.number(mode),
                Operand.number(value));
    }

    /**
     * Takes from a POSIX semaphore, see sem_clockwait(3).
     *
     * @param address where it is, in the helper's memory
     * @param max how long at most; zero does not wait
     * @return 0 or the error
     */
    default SysResult semWait(long address, Duration max) {
        return call(LibcCall.SEM_WAIT, Operand.number(address), time(max));
    }

    /**
     * Gives to a POSIX semaphore, see sem_post(3).
     *
     * @param address where it is, in the helper's memory
     * @return 0 or the error
     */
    default SysResult semPost(long address) {
        return call(LibcCall.SEM_POST, Operand.number(address));
    }

    /**
     * Looks at a POSIX semaphore, see sem_getvalue(3).
     *
     * @param address where it is, in the helper's memory
     * @return its value is the semaphore's
     */
    default SysResult semGetvalue(long address) {
        return call(LibcCall.SEM_GETVALUE, Operand.number(address));
    }

    /**
     * Closes a POSIX semaphore, see sem_close(3).
     *
     * @param address where it is, in the helper's memory
     * @return 0 or the error
     */
    default SysResult semClose(long address) {
        return call(LibcCall.SEM_CLOSE, Operand.number(address));
    }

    /**
     * Removes the name of a POSIX semaphore, see sem_unlink(3).
     *
     * @param name with its leading slash
     * @return 0 or the error
     */
    default SysResult semUnlink(String name) {
        return call(LibcCall.SEM_UNLINK, Operand.text(name));
    }

    /**
     * Finds or makes a System V semaphore set, see semget(2).
     *
     * @param key or IPC_PRIVATE
     * @param count how many semaphores
     * @param flags of {@link Linux}
     * @return its value is its id
     */
    default SysResult semget(int key, int count, int flags) {
        return call(LibcCall.SEMGET, Operand.number(key), Operand.number(count), Operand.number(flags));
    }

    /**
     * Changes one semaphore of a System V set, see semtimedop(2).
     *
     * @param semid its id
     * @param index from 0
     * @param change what to add; a negative one waits until there is enough, 0 until the value is 0
     * @param flags of {@link Linux}
     * @param max how long at most; zero does not wait
     * @return 0 or the error
     */
    default SysResult semop(int semid, int index, int change, int flags, Duration max) {
        return call(
                LibcCall.SEMOP,
                Operand.number(semid),
                Operand.number(index),
                Operand.number(change),
                Operand.number(flags),
                time(max));
    }

    /**
     * Does something with a set of semaphores, see semctl(2).
     *
     * @param semid of the set
     * @param index of a semaphore, where the command is about one
     * @param command of {@link Linux}; {@link #semGetAll}, {@link #semSetAll} and {@link #semSet} are for those with bytes
     * @param value for SETVAL
     * @return its value is what the command asks for; of IPC_STAT {@link SysResult#semaphoreSetStatus}, of IPC_INFO and
     *     SEM_INFO {@link SysResult#numbers} in the order of {@code struct seminfo}
     */
    default SysResult semctl(int semid, int index, int command, int value) {
        boolean isStructure = command == Linux.IPC_STAT
                || command == Linux.IPC_INFO
                || command == Linux.SEM_STAT
                || command == Linux.SEM_STAT_ANY
                || command == Linux.SEM_INFO;
        return semctl(semid, index, command, isStructure ? Operand.record() : Operand.number(value));
    }

    /**
     * Does something with a set of semaphores, see semctl(2).
     *
     * @param semid of the set
     * @param index of a semaphore, where the command is about one
     * @param command of {@link Linux}
     * @param argument a number, also an address that may be bad; or a structure
     * @return its value is what the command asks for
     */
    default SysResult semctl(int semid, int index, int command, Operand argument) {
        return call(LibcCall.SEMCTL, Operand.number(semid), Operand.number(index), Operand.number(command), argument);
    }

    /**
     * Reads all values of a set, see GETALL in semctl(2).
     *
     * @param semid of the set
     * @param count how many semaphores it has
     * @return its bytes are {@link SysResult#semaphoreValues}
     */
    default SysResult semGetAll(int semid, int count) {
        return semctl(semid, 0, Linux.GETALL, Operand.room(count * Short.BYTES));
    }

    /**
     * Sets all values of a set, see SETALL in semctl(2).
     *
     * @param semid of the set
     * @param values one for each semaphore; those of them that are missing are 0
     * @return 0 or the error
     */
    default SysResult semSetAll(int semid, int... values) {
        java.nio.ByteBuffer all =
                java.nio.ByteBuffer.allocate(values.length * Short.BYTES).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            all.putShort((short) value);
        }
        return semctl(semid, 0, Linux.SETALL, Operand.input(all.array()));
    }

    /**
     * Changes owner and permissions of a set, see IPC_SET in semctl(2).
     *
     * @param semid of the set
     * @param uid its owner
     * @param gid the owner's group
     * @param mode permissions
     * @return 0 or the error
     */
    default SysResult semSet(int semid, long uid, long gid, int mode) {
        return semctl(semid, 0, Linux.IPC_SET, ownership(uid, gid, mode, 0));
    }

    /**
     * One of several operations of a {@link #semop(int, Duration, SemOperation...)}.
     *
     * @param index of the semaphore
     * @param change how much to add; 0 waits for zero
     * @param flags IPC_NOWAIT and SEM_UNDO of {@link Linux}
     * @since 0.1.0
     */
    record SemOperation(int index, int change, int flags) {}

    /**
     * Does several operations on a set as one step, see semtimedop(2).
     *
     * @param semid of the set
     * @param max how long at most
     * @param operations in their order
     * @return 0 or the error; EAGAIN when the time is over
     */
    default SysResult semop(int semid, Duration max, SemOperation... operations) {
        java.nio.ByteBuffer all = java.nio.ByteBuffer.allocate(operations.length * 3 * Short.BYTES)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (SemOperation one : operations) {
            all.putShort((short) one.index()).putShort((short) one.change()).putShort((short) one.flags());
        }
        return call(
                LibcCall.SEMTIMEDOP,
                Operand.number(semid),
                Operand.input(all.array()),
                Operand.number(operations.length),
                time(max));
    }

    /**
     * Opens a POSIX message queue, see mq_open(3); with 0 messages it has the system's limits.
     *
     * @param name with its leading slash
     * @param flags of {@link Linux}
     * @param mode permissions of a new one
     * @param messages how many it holds
     * @param messageSize bytes that each can have
     * @return its value is the descriptor
     */
    default SysResult mqOpen(String name, int flags, int mode, int messages, int messageSize) {
        return call(
                LibcCall.MQ_OPEN,
                Operand.text(name),
                Operand.number(flags),
                Operand.number(mode),
                Operand.number(messages),
                Operand.number(messageSize));
    }

    /**
     * Sends to a POSIX message queue, see mq_timedsend(3).
     *
     * @param fd the descriptor
     * @param bytes what
     * @param priority 0 to 32767; higher ones are received first
     * @param max how long at most; zero does not wait
     * @return 0 or the error
     */
    default SysResult mqSend(int fd, byte[] bytes, int priority, Duration max) {
        return call(
                LibcCall.MQ_SEND,
                Operand.number(fd),
                Operand.input(bytes),
                Operand.number(bytes.length),
                Operand.number(priority),
                time(max));
    }

    /**
     * Receives from a POSIX message queue, see mq_timedreceive(3); the bytes come back.
     *
     * @param fd the descriptor
     * @param length bytes that it has room for
     * @param max how long at most; zero does not wait
     * @return its value is how many
     */
    default SysResult mqReceive(int fd, int length, Duration max) {
        return call(
                LibcCall.MQ_RECEIVE,
                Operand.number(fd),
                Operand.room(length),
                Operand.number(length),
                time(max),
                Operand.record());
    }

    /**
     * Removes the name of a POSIX message queue, see mq_unlink(3).
     *
     * @param name with its leading slash
     * @return 0 or the error
     */
    default SysResult mqUnlink(String name) {
        return call(LibcCall.MQ_UNLINK, Operand.text(name));
    }

    /**
     * Finds or makes a System V message queue, see msgget(2).
     *
     * @param key or IPC_PRIVATE
     * @param flags of {@link Linux}
     * @return its value is its id
     */
    default SysResult msgget(int key, int flags) {
        return call(LibcCall.MSGGET, Operand.number(key), Operand.number(flags));
    }

    /**
     * Sends to a System V message queue, see msgsnd(2).
     *
     * @param msqid its id
     * @param type of the message, at least 1; to receive any, 0
     * @param bytes what
     * @param flags of {@link Linux}
     * @return 0 or the error
     */
    default SysResult msgsnd(int msqid, long type, byte[] bytes, int flags) {
        return call(
                LibcCall.MSGSND,
                Operand.number(msqid),
                Operand.number(type),
                Operand.input(bytes),
                Operand.number(bytes.length),
                Operand.number(flags));
    }

    /**
     * Receives from a System V message queue, see msgrcv(2); the bytes come back.
     *
     * @param msqid its id
     * @param type of the message, at least 1; to receive any, 0
     * @param length bytes that it has room for
     * @param flags of {@link Linux}
     * @return its value is how many
     */
    default SysResult msgrcv(int msqid, long type, int length, int flags) {
        return call(
                LibcCall.MSGRCV,
                Operand.number(msqid),
                Operand.number(type),
                Operand.room(length),
                Operand.number(length),
                Operand.number(flags),
                Operand.record());
    }

    /**
     * Does something with a message queue, see msgctl(2).
     *
     * @param msqid of the queue
     * @param command of {@link Linux}; {@link #msgSet} is for IPC_SET
     * @return of IPC_STAT {@link SysResult#messageQueueStatus}; of IPC_INFO and MSG_INFO {@link SysResult#numbers} in the
     *     order of {@code struct msginfo}, without its last
     */
    default SysResult msgctl(int msqid, int command) {
        return call(LibcCall.MSGCTL, Operand.number(msqid), Operand.number(command), Operand.record());
    }

    /**
     * Changes owner, permissions and size of a message queue, see IPC_SET in msgctl(2).
     *
     * @param msqid of the queue
     * @param uid its owner
     * @param gid the owner's group
     * @param mode permissions
     * @param maxBytes how many bytes it can hold
     * @return 0 or the error
     */
    default SysResult msgSet(int msqid, long uid, long gid, int mode, long maxBytes) {
        return call(
                LibcCall.MSGCTL,
                Operand.number(msqid),
                Operand.number(Linux.IPC_SET),
                ownership(uid, gid, mode, maxBytes));
    }

    /**
     * Asks which pages are in memory, see mincore(2).
     *
     * @param address a multiple of the page size
     * @param length bytes
     * @return its bytes are one for each page, whose lowest bit says so
     */
    default SysResult mincore(long address, long length) {
        return call(LibcCall.MINCORE, Operand.number(address), Operand.number(length), Operand.room((int)
                Math.min(1 << 20, Math.max(0, length) / 4096 + 1)));
    }

    /**
     * Locks all memory, see mlockall(2).
     *
     * @param flags MCL_… of {@link Linux}
     * @return 0 or the error
     */
    default SysResult mlockall(int flags) {
        return call(LibcCall.MLOCKALL, Operand.number(flags));
    }

    /**
     * Unlocks all memory, see munlockall(2).
     *
     * @return 0 or the error
     */
    default SysResult munlockall() {
        return call(LibcCall.MUNLOCKALL);
    }

    /**
     * Does something with a descriptor, see fcntl(2).
     *
     * @param fd a descriptor of the helper's
     * @param command F_… of {@link Linux}
     * @param argument a number
     * @return its value is what the command asks for
     */
    default SysResult fcntl(int fd, int command, long argument) {
        return call(LibcCall.FCNTL, Operand.number(fd), Operand.number(command), Operand.number(argument));
    }

    /**
     * Becomes another user, see setuid(2).
     *
     * @param uid the user
     * @return 0 or the error
     */
    default SysResult setuid(long uid) {
        return call(LibcCall.SETUID, Operand.number(uid));
    }

    /**
     * Gets another group, see setgid(2).
     *
     * @param gid the group
     * @return 0 or the error
     */
    default SysResult setgid(long gid) {
        return call(LibcCall.SETGID, Operand.number(gid));
    }

    /**
     * Asks for a queue's attributes, see mq_getattr(3).
     *
     * @param fd of the queue
     * @return its {@link SysResult#numbers} are flags, most messages, bytes in each, messages that it holds
     */
    default SysResult mqGetattr(int fd) {
        return call(LibcCall.MQ_GETATTR, Operand.number(fd), Operand.record());
    }

    /**
     * Asks to be notified of the next message, see mq_notify(3); {@link #sigaction} first, as most signals kill.
     *
     * @param fd of the queue
     * @param how SIGEV_NONE or SIGEV_SIGNAL of {@link Linux}; -1 takes it back
     * @param signal which, for SIGEV_SIGNAL
     * @return 0 or the error
     */
    default SysResult mqNotify(int fd, int how, Signal signal) {
        return call(LibcCall.MQ_NOTIFY, Operand.number(fd), Operand.number(how), Operand.number(signal.number()));
    }

    /**
     * Says what a signal does, see sigaction(2).
     *
     * @param signal which
     * @param action SIG_DFL, SIG_IGN or SIG_COUNT of {@link Linux}
     * @param flags SA_RESTART of {@link Linux}, or 0
     * @return 0 or the error
     */
    default SysResult sigaction(Signal signal, int action, int flags) {
        return call(LibcCall.SIGACTION, Operand.number(signal.number()), Operand.number(action), Operand.number(flags));
    }

    /**
     * How often a signal came since {@link #sigaction} said SIG_COUNT.
     *
     * @param signal which
     * @return its value is how often
     */
    default SysResult signals(Signal signal) {
        return call(LibcCall.SIGNALS, Operand.number(signal.number()));
    }

    /**
     * Asks the C library, see confstr(3).
     *
     * @param name _CS_…, as CS_GNU_LIBC_VERSION of {@link Linux}
     * @return its bytes are the string, with its NUL
     */
    default SysResult confstr(int name) {
        return call(LibcCall.CONFSTR, Operand.number(name), Operand.room(256), Operand.number(256));
    }

    private static Operand ownership(long uid, long gid, int mode, long maxBytes) {
        java.nio.ByteBuffer status =
                java.nio.ByteBuffer.allocate(Operand.RECORD_SIZE).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        status.putLong(8, uid).putLong(16, gid).putLong(40, mode).putLong(72, maxBytes);
        return Operand.input(status.array());
    }

    private static Operand time(Duration max) {
        return Operand.number(max.toNanos());
    }
}
