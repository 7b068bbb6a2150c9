package io.github.shmkit.internal.helper;

import io.github.shmkit.Signal;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Script;

/** Has native helpers end by themselves. */
final class Ends {
    private Ends() {}

    static Exit exit(NativeHelper helper, int code) {
        helper.expectExit(ExitPredicate.exitCode(code));
        helper.run(Script.of(b -> b.exit(code)));
        return helper.awaitExit();
    }

    static Exit die(NativeHelper helper, Signal signal) {
        helper.expectExit(ExitPredicate.killedBy(signal));
        helper.run(Script.of(b -> b.die(signal)));
        return helper.awaitExit();
    }
}
