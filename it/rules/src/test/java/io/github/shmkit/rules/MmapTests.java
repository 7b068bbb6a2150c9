package io.github.shmkit.rules;

import static io.github.shmkit.SegmentKind.MMAP_FILE;
import static io.github.shmkit.rules.Lab.PAGE;
import static io.github.shmkit.rules.Lab.READ_WRITE;
import static io.github.shmkit.syscall.Linux.MAP_ANONYMOUS;
import static io.github.shmkit.syscall.Linux.MAP_FIXED;
import static io.github.shmkit.syscall.Linux.MAP_PRIVATE;
import static io.github.shmkit.syscall.Linux.MAP_SHARED;
import static io.github.shmkit.syscall.Linux.MAP_SHARED_VALIDATE;
import static io.github.shmkit.syscall.Linux.MS_SYNC;
import static io.github.shmkit.syscall.Linux.O_RDONLY;
import static io.github.shmkit.syscall.Linux.O_RDWR;
import static io.github.shmkit.syscall.Linux.O_WRONLY;
import static io.github.shmkit.syscall.Linux.PROT_NONE;
import static io.github.shmkit.syscall.Linux.PROT_READ;
import static io.github.shmkit.syscall.Linux.PROT_WRITE;

import io.github.shmkit.Segment;
import io.github.shmkit.Signal;
import io.github.shmkit.junit.ExpectLeak;
import io.github.shmkit.junit.LeakKind;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Arithmetic;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.script.ScriptResult;
import io.github.shmkit.syscall.Operand;
import io.github.shmkit.syscall.SysCalls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The rules M: mmap(2). Those of a file have it 37 bytes long, as the textbooks do. */
@ExtendWith(ShmExtension.class)
class MmapTests {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Shm(kind = MMAP_FILE, size = 37)
    private Path file;

    private NativeHelper process;
    private SysCalls sys;

    @BeforeEach
    void start(ShmTestkit kit) {
        process = kit.nativeHelper("process").start();
        sys = process.sys();
    }

    private int open(int flags) {
        return Lab.open(process, file, flags);
    }

    @Rule(id = "M1", says = "A mapping of length 0 is EINVAL.")
    void m1(Kernel kernel) {
        kernel.refuses(sys.mmap(0, 0, READ_WRITE, MAP_SHARED, open(O_RDWR), 0), "EINVAL");
    }

    @Rule(
            id = "M2",
            says = "Neither MAP_SHARED nor MAP_PRIVATE is EINVAL; both together are MAP_SHARED_VALIDATE, accepted.",
            claimed = "exactly one of them must be given")
    void m2(Kernel kernel) {
        int fd = open(O_RDWR);
        kernel.refuses("neither", sys.mmap(0, PAGE, READ_WRITE, 0, fd, 0), "EINVAL");
        kernel.shows("MAP_SHARED | MAP_PRIVATE", MAP_SHARED | MAP_PRIVATE, MAP_SHARED_VALIDATE);
        kernel.accepts("both", sys.mmap(0, PAGE, READ_WRITE, MAP_SHARED | MAP_PRIVATE, fd, 0));
    }

    @Rule(id = "M3", says = "Anonymous shared memory, made before a fork: each of the two sees what the other writes.")
    void m3(Kernel kernel) {
        long memory = kernel.accepts(sys.mmap(0, PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
        NativeHelper child = process.fork("child");

        process.at(memory).putInt(0, 42);
        child.at(memory).putInt(4, 43);

        kernel.shows("the child reads", child.at(memory).getInt(0), 42);
        kernel.shows("the parent reads", process.at(memory).getInt(4), 43);
    }

    @Rule(
            id = "M3b",
            says = "Anonymous private memory is copied by a fork: neither sees what the other writes later.",
            claimed = "unrelated processes can share anonymous mappings (false)")
    void m3b(Kernel kernel) {
        long memory = kernel.accepts(sys.mmap(0, PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        process.at(memory).putInt(0, 1);
        NativeHelper child = process.fork("child");

        process.at(memory).putInt(0, 42);
        child.at(memory).putInt(4, 43);

        kernel.shows("the child reads what was there before", child.at(memory).getInt(0), 1);
        kernel.shows("the parent reads", process.at(memory).getInt(4), 0);
    }

    @Rule(
            id = "M4",
            says = "No protection will do for a descriptor that is open for writing only: EACCES.",
            claimed = "it must be readable, since mapping reads the file")
    void m4(Kernel kernel) {
        int fd = open(O_WRONLY);
        for (int protection : List.of(PROT_NONE, PROT_READ, PROT_WRITE, READ_WRITE)) {
            kernel.refuses("shared", sys.mmap(0, PAGE, protection, MAP_SHARED, fd, 0), "EACCES");
            kernel.refuses("private", sys.mmap(0, PAGE, protection, MAP_PRIVATE, fd, 0), "EACCES");
        }
    }

    @Rule(
            id = "M5",
            says = "A shared mapping for writing, of a descriptor that is open for reading only, is EACCES.",
            claimed = "EINVAL")
    void m5(Kernel kernel) {
        kernel.refuses(sys.mmap(0, PAGE, PROT_WRITE, MAP_SHARED, open(O_RDONLY), 0), "EACCES");
    }

    @Rule(id = "M6", says = "A mapping goes on working when its descriptor is closed.")
    void m6(Kernel kernel) {
        int fd = open(O_RDWR);
        long memory = Lab.map(process, fd, PAGE);
        kernel.accepts(sys.close(fd));

        process.at(memory).putInt(0, 42);

        kernel.shows("the mapping holds", process.at(memory).getInt(0), 42);
        kernel.shows(
                "the file begins with", sys.pread(open(O_RDONLY), 1, 0).bytes().toArray()[0], (byte) 42);
    }

    @ExpectLeak(LeakKind.CHANGED)
    @Rule(id = "M7", says = "A file of 0 bytes can be mapped with a length; the first access is SIGBUS.")
    void m7(Kernel kernel) {
        int fd = open(O_RDWR);
        sys.ftruncate(fd, 0).orThrow();
        long memory = kernel.accepts(sys.mmap(0, PAGE, READ_WRITE, MAP_SHARED, fd, 0));

        kernel.kills(process, Signal.SIGBUS, "first access", p -> p.at(memory).getByte(0));
    }

    @ExpectLeak(LeakKind.CHANGED)
    @Rule(id = "M8", says = "A file of 0 bytes mapped with length 0 is EINVAL.")
    void m8(Kernel kernel) {
        int fd = open(O_RDWR);
        sys.ftruncate(fd, 0).orThrow();

        kernel.refuses(sys.mmap(0, 0, READ_WRITE, MAP_SHARED, fd, 0), "EINVAL");
    }

    @Rule(id = "M9", says = "An offset that is no multiple of the page size is EINVAL.")
    void m9(Kernel kernel) {
        kernel.refuses(sys.mmap(0, PAGE, READ_WRITE, MAP_SHARED, open(O_RDWR), PAGE / 2), "EINVAL");
    }

    @Rule(
            id = "M10",
            says =
                    "Of a file of 37 bytes mapped for 2 KiB, offset 3000 is readable and zero (the same page), and offset "
                            + "5000 is SIGSEGV (outside of the mapping).")
    void m10(Kernel kernel) {
        Lab.needsPagesOf4096Bytes();
        // So that nothing else is mapped behind it
        long room = sys.mmap(0, 2L * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                .orThrow();
        sys.munmap(room, 2L * PAGE).orThrow();
        long memory = kernel.accepts(sys.mmap(room, 2048, READ_WRITE, MAP_SHARED | MAP_FIXED, open(O_RDWR), 0));

        kernel.shows("offset 3000", process.at(memory).getByte(3000), (byte) 0);
        kernel.kills(process, Signal.SIGSEGV, "offset 5000", p -> p.at(memory).getByte(5000));
    }

    @Rule(
            id = "M11",
            says = "Of a file of 37 bytes mapped for 6 KiB, offset 3000 is readable, and offset 5000 is SIGBUS (in the "
                    + "mapping, past the file's last page).")
    void m11(Kernel kernel) {
        Lab.needsPagesOf4096Bytes();
        long memory = kernel.accepts(sys.mmap(0, 6144, READ_WRITE, MAP_SHARED, open(O_RDWR), 0));

        kernel.shows("offset 3000", process.at(memory).getByte(3000), (byte) 0);
        kernel.kills(process, Signal.SIGBUS, "offset 5000", p -> p.at(memory).getByte(5000));
    }

    @Rule(
            id = "M12",
            says = "What is written past the end of the file, within its last page, is not stored in it: it stays 37 "
                    + "bytes long.",
            claimed = "")
    void m12(Kernel kernel) {
        int fd = open(O_RDWR);
        long memory = Lab.map(process, fd, PAGE);

        process.at(memory).putByte(36, (byte) 1);
        process.at(memory).putByte(37, (byte) 2);
        kernel.accepts(sys.msync(memory, PAGE, MS_SYNC));

        byte[] stored = sys.pread(fd, PAGE, 0).bytes().toArray();
        kernel.shows("bytes in the file", sys.fstat(fd).fileStatus().size(), 37L);
        kernel.shows("bytes that can be read", sys.pread(fd, PAGE, 0).value(), 37L);
        kernel.shows("the last of them", stored[36], (byte) 1);
    }

    @Rule(id = "M13", says = "What is written to a shared mapping is seen by read(2), and by another process.")
    void m13(Kernel kernel, ShmTestkit kit) {
        NativeHelper other = kit.nativeHelper("other").start();
        long there = Lab.map(other, Lab.open(other, file, O_RDWR), PAGE);
        int fd = open(O_RDWR);
        long here = Lab.map(process, fd, PAGE);

        process.at(here).putByte(5, (byte) 42);

        kernel.shows("read(2)", sys.pread(fd, 1, 5).bytes().toArray()[0], (byte) 42);
        kernel.shows("another process", other.at(there).getByte(5), (byte) 42);
    }

    @Rule(id = "M14", says = "What is written to a private mapping is seen by nobody else, and the file is unchanged.")
    void m14(Kernel kernel, ShmTestkit kit) {
        NativeHelper other = kit.nativeHelper("other").start();
        long there = Lab.map(other, Lab.open(other, file, O_RDWR), PAGE);
        int fd = open(O_RDWR);
        long here = sys.mmap(0, PAGE, READ_WRITE, MAP_PRIVATE, fd, 0).orThrow();

        process.at(here).putByte(5, (byte) 42);

        kernel.shows("the writer", process.at(here).getByte(5), (byte) 42);
        kernel.shows("read(2)", sys.pread(fd, 1, 5).bytes().toArray()[0], (byte) 0);
        kernel.shows("another process", other.at(there).getByte(5), (byte) 0);
    }

    @Rule(id = "M15", says = "A private mapping for writing needs no more than a descriptor that is open for reading.")
    void m15(Kernel kernel) {
        long memory = kernel.accepts(sys.mmap(0, PAGE, READ_WRITE, MAP_PRIVATE, open(O_RDONLY), 0));

        process.at(memory).putByte(0, (byte) 42);

        kernel.shows("the writer", process.at(memory).getByte(0), (byte) 42);
    }

    @Rule(id = "M16", says = "An access after munmap is SIGSEGV.")
    void m16(Kernel kernel) {
        long memory = Lab.map(process, open(O_RDWR), PAGE);
        process.at(memory).getByte(0);
        kernel.accepts(sys.munmap(memory, PAGE));

        kernel.kills(process, Signal.SIGSEGV, "access", p -> p.at(memory).getByte(0));
    }

    @Rule(
            id = "M17",
            says = "munmap of an address that is not aligned is EINVAL; a part that is aligned will do, and splits the "
                    + "mapping.",
            claimed = "the address must be what mmap returned")
    void m17(Kernel kernel) {
        long memory = sys.mmap(0, 3L * PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
                .orThrow();
        kernel.refuses("not aligned", sys.munmap(memory + 1, PAGE), "EINVAL");
        process.at(memory).putByte(0, (byte) 1);
        process.at(memory).putByte(2L * PAGE, (byte) 3);

        kernel.accepts("the second page of three", sys.munmap(memory + PAGE, PAGE));

        kernel.shows("first page", process.at(memory).getByte(0), (byte) 1);
        kernel.shows("third page", process.at(memory).getByte(2L * PAGE), (byte) 3);
        kernel.kills(process, Signal.SIGSEGV, "second page", p -> p.at(memory).getByte(PAGE));
    }

    @Rule(
            id = "M18",
            says = "A write through PROT_READ is SIGSEGV, and so is any access through PROT_NONE.",
            claimed = "")
    void m18(Kernel kernel) {
        int fd = open(O_RDWR);
        long readable = sys.mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0).orThrow();
        long closed = sys.mmap(0, PAGE, PROT_NONE, MAP_SHARED, fd, 0).orThrow();
        kernel.shows("a read through PROT_READ", process.at(readable).getByte(0), (byte) 0);

        NativeHelper writer = process.fork("writer");
        NativeHelper reader = process.fork("reader");
        kernel.kills(
                writer,
                Signal.SIGSEGV,
                "a write through PROT_READ",
                p -> p.at(readable).putByte(0, (byte) 1));
        kernel.kills(
                reader,
                Signal.SIGSEGV,
                "a read through PROT_NONE",
                p -> p.at(closed).getByte(0));
        kernel.kills(
                process,
                Signal.SIGSEGV,
                "a write through PROT_NONE",
                p -> p.at(closed).putByte(0, (byte) 1));
    }

    private static final int TEXT = 256;
    private static final int SCANS = TEXT;
    private static final int AHEAD = 16;

    @Rule(
            id = "M19",
            says = "Two unrelated processes map one file; while one writes byte after byte, the other reads a growing "
                    + "prefix, never a gap.")
    void m19(Kernel kernel, ShmTestkit kit, @Shm(kind = MMAP_FILE, size = 512) Segment text) {
        NativeHelper writer = kit.nativeHelper("writer").attach(text).start();
        NativeHelper reader = kit.nativeHelper("reader").attach(text).start();

        Running reading = reader.run(Script.of(MmapTests::readAlong));
        writer.run(Script.of(MmapTests::writeOn)).await();
        ScriptResult read = reading.await();

        kernel.shows("gaps", read.value("gaps"), 0L);
        kernel.shows("prefixes that became shorter", read.value("shorter"), 0L);
        kernel.shows("bytes in the end", read.value("length"), (long) TEXT);
        kernel.shows("at least 16 prefixes in between", read.value("longer") >= TEXT / AHEAD, true);
        kernel.notes("prefixes that were seen", read.value("longer"));
    }

    /** Byte after byte, never more than some ahead of a reader who has looked once more. */
    private static void writeOn(Script.Builder b) {
        Operand.Var at = b.var();
        Operand.Var scans = b.var();
        b.set(at, 0)
                .repeat(
                        TEXT / AHEAD,
                        block -> block.repeat(
                                        AHEAD,
                                        r -> r.indexed(at, x -> x.put(0, 1, 1, MemoryOrder.RELEASE))
                                                .calculate(at, Arithmetic.ADD, 1))
                                .getLong(SCANS)
                                .into(scans)
                                .calculate(scans, Arithmetic.ADD, 1)
                                .await(SCANS, Long.BYTES, Comparison.GREATER, scans, LONG));
    }

    /** From the end down to the last byte that is written; then all before it must be written too. */
    private static void readAlong(Script.Builder b) {
        Operand.Var at = b.var();
        Operand.Var value = b.var();
        Operand.Var length = b.var();
        Operand.Var before = b.var();
        Operand.Var gaps = b.var();
        Operand.Var shorter = b.var();
        Operand.Var longer = b.var();
        b.set(before, 0).set(gaps, 0).set(shorter, 0).set(longer, 0);
        b.forever(scan -> scan.set(at, TEXT)
                .set(length, 0)
                .repeat(
                        TEXT,
                        r -> r.calculate(at, Arithmetic.SUB, 1)
                                .indexed(at, x -> x.get(0, 1, MemoryOrder.ACQUIRE))
                                .into(value)
                                .when(
                                        length,
                                        Comparison.EQUAL,
                                        0,
                                        w -> w.when(
                                                value,
                                                Comparison.NOT_EQUAL,
                                                0,
                                                found -> found.set(length, at).calculate(length, Arithmetic.ADD, 1)))
                                .otherwise(w -> w.when(
                                        value, Comparison.EQUAL, 0, gap -> gap.calculate(gaps, Arithmetic.ADD, 1))))
                .getAndAddLong(SCANS, 1)
                .calculate(before, Arithmetic.SUB, length)
                .when(before, Comparison.GREATER, 0, w -> w.calculate(shorter, Arithmetic.ADD, 1))
                .when(before, Comparison.LESS, 0, w -> w.calculate(longer, Arithmetic.ADD, 1))
                .set(before, length)
                .when(length, Comparison.EQUAL, TEXT, Script.Builder::leave));
        // The writer waits for more looks than there would be
        b.getAndAddLong(SCANS, TEXT);
        b.value(gaps).keep("gaps");
        b.value(shorter).keep("shorter");
        b.value(longer).keep("longer");
        b.value(length).keep("length");
    }

    @Rule(id = "M20", says = "A bad descriptor is EBADF, a directory or a pipe ENODEV.", claimed = "")
    void m20(Kernel kernel) {
        int directory = Lab.open(process, Path.of("/"), O_RDONLY);
        int pipe = sys.pipe().numbers().get(0).intValue();
        sys.close(97);

        kernel.refuses("bad descriptor", sys.mmap(0, PAGE, PROT_READ, MAP_SHARED, 97, 0), "EBADF");
        kernel.refuses("directory", sys.mmap(0, PAGE, PROT_READ, MAP_SHARED, directory, 0), "ENODEV");
        kernel.refuses("pipe", sys.mmap(0, PAGE, PROT_READ, MAP_SHARED, pipe, 0), "ENODEV");
    }

    @ExpectLeak(LeakKind.CHANGED)
    @Rule(
            id = "M21",
            says = "If the file is truncated under a mapping, the next access past the new end is SIGBUS.",
            claimed = "")
    void m21(Kernel kernel) {
        int fd = open(O_RDWR);
        sys.ftruncate(fd, 2L * PAGE).orThrow();
        long memory = Lab.map(process, fd, 2L * PAGE);
        process.at(memory).putByte(PAGE, (byte) 1);

        kernel.accepts(sys.ftruncate(fd, PAGE));

        kernel.shows("an access before the end", process.at(memory).getByte(0), (byte) 0);
        kernel.kills(
                process,
                Signal.SIGBUS,
                "an access past the end",
                p -> p.at(memory).getByte(PAGE));
    }

    @ExpectLeak(LeakKind.CHANGED)
    @Rule(
            id = "M22",
            says = "If the file grows under a mapping that is longer than it was, the new part becomes accessible.",
            claimed = "")
    void m22(Kernel kernel) {
        int fd = open(O_RDWR);
        long memory = Lab.map(process, fd, 2L * PAGE);
        NativeHelper early = process.fork("early");
        kernel.kills(
                early,
                Signal.SIGBUS,
                "the second page before",
                p -> p.at(memory).getByte(PAGE));

        kernel.accepts(sys.ftruncate(fd, 2L * PAGE));
        process.at(memory).putByte(PAGE, (byte) 42);

        kernel.shows(
                "the second page afterwards", sys.pread(fd, 1, PAGE).bytes().toArray()[0], (byte) 42);
    }

    @Rule(
            id = "M23",
            says = "msync(MS_SYNC) of a range that is not mapped is ENOMEM, of an address that is not aligned EINVAL.",
            claimed = "")
    void m23(Kernel kernel) {
        long memory = Lab.map(process, open(O_RDWR), PAGE);
        kernel.accepts("mapped and aligned", sys.msync(memory, PAGE, MS_SYNC));
        kernel.refuses("not aligned", sys.msync(memory + 1, PAGE - 1, MS_SYNC), "EINVAL");
        sys.munmap(memory, PAGE).orThrow();
        kernel.refuses("not mapped", sys.msync(memory, PAGE, MS_SYNC), "ENOMEM");
    }
}
