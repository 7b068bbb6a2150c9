package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Signal;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.JvmHelper;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.LockFactory;
import org.apache.lucene.store.LockObtainFailedException;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.store.NativeFSLockFactory;
import org.apache.lucene.store.SimpleFSLockFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(name = "Lucene", artifact = "lucene-core")
class LuceneTests {
    /** Adds a document, and returns how many there are. */
    private static int add(String folder, boolean simple) throws IOException {
        LockFactory locks = simple ? SimpleFSLockFactory.INSTANCE : NativeFSLockFactory.INSTANCE;
        try (Directory directory = new MMapDirectory(Path.of(folder), locks)) {
            try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(null))) {
                writer.addDocument(new Document());
            }
            try (DirectoryReader reader = DirectoryReader.open(directory)) {
                return reader.numDocs();
            }
        }
    }

    @EachCrashPoint
    @Asked(
            operation = "IndexWriter with the lock of NativeFSLockFactory",
            question = "Can another JVM write the index after one died writing?",
            answer = "Yes: the kernel gives the lock up.",
            points = 3)
    void nativeLock(CrashPoint at, ShmTestkit kit, @TempDir Path folder) {
        String index = folder.toString();
        at.runAndCrash(kit.jvm("writer"), context -> add(index, false), folder.resolve("write.lock"));

        int documents = at.othersGoOn(kit.jvm("next writer"), context -> add(index, false));
        assertThat(documents).isIn(1, 2);
    }

    @Test
    @Asked(
            operation = "IndexWriter with the lock of SimpleFSLockFactory, killed",
            question = "Can another JVM write the index?",
            answer = "No: the file that is the lock stays, as the documentation says.",
            points = 1,
            report = "https://lucene.apache.org/core/9_12_3/core/org/apache/lucene/store/SimpleFSLockFactory.html")
    void simpleLock(ShmTestkit kit, @TempDir Path folder) throws IOException {
        String index = folder.toString();
        JvmHelper writer = kit.jvm("writer").start();
        writer.call(context -> {
            open(index);
            return 0;
        });
        writer.expectExit(ExitPredicate.killedBy(Signal.SIGKILL));
        writer.kill();

        assertThatThrownBy(() -> add(index, true)).isInstanceOf(LockObtainFailedException.class);
        assertThat(add(index, false)).isEqualTo(1);
    }

    private static IndexWriter open(String index) throws IOException {
        return new IndexWriter(
                new MMapDirectory(Path.of(index), SimpleFSLockFactory.INSTANCE), new IndexWriterConfig(null));
    }
}
