package io.github.shmkit.junit;

import io.github.shmkit.NativeHelper;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentSpec;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The kit of a context; makes the context's session only when it is used. */
record SessionTestkit(ExtensionContext context) implements ShmTestkit {
    @Override
    public Segment create(SegmentSpec spec) {
        return Sessions.of(context).create(spec);
    }

    @Override
    public NativeHelper.Builder nativeHelper(String name) {
        return Sessions.of(context).nativeHelper(name);
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
