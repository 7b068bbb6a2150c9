package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder for artifacts belongs to all test JVMs of a build. */
class ArtifactsTests {
    private static final int ROUNDS = 2_000;

    private static boolean useAndDiscard(Path folder) throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            try {
                Files.writeString(
                        Artifacts.make(folder).resolve(Thread.currentThread().getName()), "of no interest");
            } catch (NoSuchFileException | UncheckedIOException e) {
                continue; // the other one removed the folder at this moment, so that there is nothing to discard
            }
            Artifacts.discard(folder);
        }
        return true;
    }

    @Test
    void whatAnotherRemovesMeanwhileIsNoError(@TempDir Path folder) throws Exception {
        ExecutorService others = Executors.newFixedThreadPool(2);
        try {
            List<Callable<Boolean>> both =
                    List.of(() -> useAndDiscard(folder.resolve("run")), () -> useAndDiscard(folder.resolve("run")));
            List<Boolean> ends = new ArrayList<>();
            for (Future<Boolean> end : others.invokeAll(both)) {
                ends.add(end.get());
            }
            assertThat(ends).containsExactly(true, true);
        } finally {
            others.shutdown();
        }
    }
}
