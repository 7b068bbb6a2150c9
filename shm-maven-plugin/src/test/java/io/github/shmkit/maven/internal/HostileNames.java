package io.github.shmkit.maven.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import java.util.List;
import java.util.stream.Stream;

/** Names that anybody can give to an object, and that some output of ours might take for its own syntax. */
final class HostileNames {
    static final List<RawName> ALL = Stream.of(
                    bytes("line\nbreak\r\n[INFO] BUILD SUCCESS"),
                    bytes("escape\033[2J\033]0;title\007"),
                    bytes("\n::stop-commands::token"),
                    bytes("::error title=x::y"),
                    bytes("%0A::set-output name=x::y"),
                    bytes("##[error]x ##vso[task.complete]"),
                    bytes("<script>window.pwned = 1<"),
                    bytes("<img src=x onerror=window.pwned=1>"),
                    bytes("\" onmouseover=\"window.pwned=1\" x='"),
                    bytes("]]><testcase name=\"x\"><!--"),
                    bytes("&lt;&#60;&amp;&bogus;"),
                    bytes("*bold* _it_ `code` | cell | @user #1 ![x](javascript:alert(1))"),
                    bytes("=cmd|' '!A1,\"a\",;b"),
                    bytes("$(id) `id` ; id && id > x"),
                    bytes("}\",\"leak\": false, {\"x\": \"\\u0022\\"),
                    bytes("a\"} 1\nshmkit_leaked_objects{kind=\"x\"} 99\n# EOF"),
                    bytes("-rf"),
                    bytes("\t leading and trailing \t"),
                    bytes("x (deleted)"),
                    bytes("\u202egnp.exe \u2066 \u200b \ufeff \u2028"),
                    bytes("\ud83d\ude00 \u05d0\u05d1 \ufffe"),
                    bytes("f\u115f\u3164\u2800\ufe0f z\u0301\u0301\u0301\u0301"),
                    new byte[] {'b', (byte) 0xff, (byte) 0xc3, (byte) 0x28, (byte) 0xed, (byte) 0xa0, (byte) 0x80},
                    bytes("n".repeat(255)),
                    bytes("<".repeat(255)))
            .map(RawName::of)
            .toList();

    private HostileNames() {}

    /** A report of leaks that have them, made by programs whose command lines are no better. */
    static LeakReport report() {
        return new LeakReport(
                "2026-01-01T00:00:00Z",
                Findings.SESSION,
                ALL.stream().map(HostileNames::item).toList(),
                ALL.stream()
                        .map(name -> "cannot look at " + Printable.name(name))
                        .toList());
    }

    private static Item item(RawName name) {
        String command = "/bin/x " + new String(name.bytes(), UTF_8);
        return Item.of(
                Findings.observed(Findings.file(IpcKind.POSIX_SHM, name, 4096), Findings.SESSION, 77, command),
                true,
                true,
                "surefire:test of " + new String(name.bytes(), UTF_8));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
