package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.guard.Actuator.Result;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.sweep.Claim;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.util.List;
import java.util.Optional;

/** What a sweep may find, for tests. */
final class Findings {
    static final String SESSION = "0123456789012345678901";
    static final String OTHER = "abcdefghijklmnopqrstuv";

    private Findings() {}

    static IpcObject posix(String name, long size) {
        return file(IpcKind.POSIX_SHM, RawName.of(name), size);
    }

    static IpcObject file(IpcKind kind, RawName name, long size) {
        return new IpcObject(kind, name, new Identity.OfFile(1, 2, 3), size, 0, 0600, 0, 0, 0, -1, true);
    }

    static IpcObject sysv(IpcKind kind, int id, int key, long size) {
        return new IpcObject(kind, RawName.of(""), new Identity.OfSysv(id, key, 0, 0), size, 0, 0600, 0, 0, 0, 0, true);
    }

    static Finding dead(IpcObject object, String stem) {
        return new Finding(
                object,
                claim(stem, Claim.State.DEAD),
                verdict(Decision.DELETE, "session " + stem + " is dead and left it"),
                Optional.empty());
    }

    static Finding live(IpcObject object, String stem) {
        return new Finding(
                object,
                claim(stem, Claim.State.LIVE),
                verdict(Decision.LIVE, "session " + stem + " is running"),
                Optional.empty());
    }

    static Finding acted(Finding finding, Outcome outcome, int errno) {
        return new Finding(
                finding.object(), finding.claim(), finding.verdict(), Optional.of(new Result(outcome, errno)));
    }

    static Finding observed(IpcObject object, String session, int pid, String command) {
        LedgerContents.Observation seen = new LedgerContents.Observation(
                object.kind(),
                object.name(),
                object.identity(),
                object.uid(),
                object.size(),
                pid,
                1,
                LedgerContents.Maker.DESCENDANT,
                command);
        return new Finding(
                object,
                new Claim(session, Claim.State.DEAD, "", new Claim.Proof.Observed(seen), List.of(), 0),
                verdict(
                        Decision.DELETE,
                        "process " + pid + " (" + command + ") of session " + session + " made it and nobody uses it"),
                Optional.empty());
    }

    static Finding recorded(IpcObject object, String stem) {
        LedgerContents.Entry entry = new LedgerContents.Entry(
                1, object.kind(), object.name(), 0, object.size(), Optional.of(object.identity()));
        return with(object, stem, new Claim.Proof.Recorded(entry), Decision.DELETE, Rule.R7_UNUSED);
    }

    static Finding with(IpcObject object, String stem, Claim.Proof proof, Decision decision, Rule rule) {
        return new Finding(
                object,
                new Claim(stem, Claim.State.DEAD, "", proof, List.of(), 0),
                new Verdict(decision, rule, "so it is"),
                Optional.empty());
    }

    static SweepReport report(Finding... findings) {
        return new SweepReport(List.of(findings), 0, List.of(), true);
    }

    private static Claim claim(String stem, Claim.State state) {
        return new Claim(stem, state, "", new Claim.Proof.Name(), List.of(), 0);
    }

    private static Verdict verdict(Decision decision, String reason) {
        return new Verdict(decision, decision == Decision.LIVE ? Rule.R5_SESSION_DEAD : Rule.R7_UNUSED, reason);
    }
}
