package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.JvmHelper;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.activemq.artemis.core.io.mapped.MappedSequentialFileFactory;
import org.apache.activemq.artemis.core.journal.RecordInfo;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(name = "Artemis journal", artifact = "artemis-journal")
class ArtemisTests {
    private static final int FILE_SIZE = 4096;

    /** What there was before, with a record added. */
    private static List<Long> add(String folder, long id) throws Exception {
        MappedSequentialFileFactory files =
                new MappedSequentialFileFactory(new File(folder), FILE_SIZE, false, 0, 0, null);
        JournalImpl journal = new JournalImpl(FILE_SIZE, 2, 2, 0, 0, files, "field", "amq", 1);
        journal.start();
        List<RecordInfo> records = new ArrayList<>();
        journal.load(records, new ArrayList<>(), null);
        journal.appendAddRecord(id, (byte) 1, new byte[64], true);
        journal.stop();
        return records.stream().map(record -> record.id).toList();
    }

    @EachCrashPoint
    @Asked(
            operation = "JournalImpl.appendAddRecord into mapped files",
            question = "Is each record that was there before loaded, and the dead one's all or nothing?",
            answer = "Yes.",
            points = 14)
    void append(CrashPoint at, ShmTestkit kit, @TempDir Path folder) throws Exception {
        String journal = folder.toString();
        JvmHelper writer = at.start(kit.jvm("writer"), folder.resolve("field-1.amq"), folder.resolve("field-2.amq"));
        writer.call(context -> add(journal, 1));

        at.arm(writer, () -> writer.call(context -> add(journal, 2)));

        add(journal, 3);
        assertThat(add(journal, 4)).isIn(List.of(1L, 3L), List.of(1L, 2L, 3L));
    }
}
