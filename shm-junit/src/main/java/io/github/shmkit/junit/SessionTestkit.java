package io.github.shmkit.junit;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.junit.internal.Compiler;
import io.github.shmkit.junit.internal.ObjectSpec;
import io.github.shmkit.junit.internal.Origin;
import io.github.shmkit.process.Checkpoints;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.trace.AccessLog;
import io.github.shmkit.trace.Held;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The kit of a context; makes the context's session only when it is used. */
record SessionTestkit(ExtensionContext context) implements ShmTestkit {
    @Override
    public Segment create(SegmentSpec spec) {
        return Sessions.of(context).create(spec, Origin.here());
    }

    @Override
    public Segment adopt(SegmentAddress existing) {
        return Sessions.of(context).adopt(existing, Origin.here());
    }

    @Override
    public NamedSemaphore semaphore(String label, int initial) {
        return Sessions.of(context).create(new ObjectSpec.Semaphore(label, initial), Origin.here());
    }

    @Override
    public SysvSemaphoreSet semaphoreSet(String label, int semaphores, int initial) {
        return Sessions.of(context).create(new ObjectSpec.SemaphoreSet(label, semaphores, initial), Origin.here());
    }

    @Override
    public PosixQueue queue(String label, int messages, int messageSize) {
        return Sessions.of(context).create(new ObjectSpec.Queue(label, messages, messageSize), Origin.here());
    }

    @Override
    public SysvQueue sysvQueue(String label) {
        return Sessions.of(context).create(new ObjectSpec.Messages(label), Origin.here());
    }

    @Override
    public NativeHelper.Builder nativeHelper(String name) {
        return Sessions.of(context).nativeHelper(name);
    }

    @Override
    public CommandHelper.Builder command(String name, String... argv) {
        return Sessions.of(context).command(name, argv);
    }

    @Override
    public Path compile(Path source, String... options) {
        return Compiler.of(source).compile(artifacts().resolve("programs"), source, List.of(options));
    }

    @Override
    public AccessLog record(CommandHelper.Builder program, Path... files) {
        return Sessions.of(context).record(program, List.of(files));
    }

    @Override
    public AccessLog record(JvmHelper.Builder jvm, RemoteCallable<?> task, Path... files) {
        return Sessions.of(context).record(jvm, task, List.of(files));
    }

    @Override
    public Held hold(CommandHelper.Builder program, Path... files) {
        return Sessions.of(context).hold(program, List.of(files), accesses -> {});
    }

    @Override
    public Held hold(JvmHelper.Builder jvm, RemoteCallable<?> task, Path... files) {
        return Sessions.of(context).hold(jvm, task, List.of(files), accesses -> {});
    }

    @Override
    public JvmHelper.Builder jvm(String name) {
        return Sessions.of(context).jvm(name);
    }

    @Override
    public Checkpoints checkpoints() {
        return Sessions.of(context).checkpoints();
    }

    @Override
    public Faults faults() {
        return new SessionFaults(() -> Sessions.of(context));
    }

    @Override
    public LeakProbe leaks() {
        return new SessionLeaks();
    }

    @Override
    public Path artifacts() {
        return Sessions.of(context).makeArtifacts();
    }

    @Override
    public Random random() {
        return Sessions.of(context).random();
    }

    @Override
    public ShmAwait await() {
        return new SessionAwait(context, "");
    }

    @Override
    public ShmAwait await(String alias) {
        return new SessionAwait(context, alias);
    }

    @Override
    public String toString() {
        return "ShmTestkit of " + context.getDisplayName();
    }
}
