package io.github.shmkit.junit.internal;

import java.util.List;

/**
 * Where something was asked for.
 *
 * @param declaration the annotation and its element; empty for what was asked for in code
 * @param stack innermost frame first; empty for what was declared
 */
public record Origin(String declaration, List<StackTraceElement> stack) {
    private static final String OURS = "io.github.shmkit.junit.";
    private static final int FRAMES = 8;
    private static final StackWalker WALKER = StackWalker.getInstance();

    public static Origin declared(String declaration) {
        return new Origin(declaration, List.of());
    }

    /** The callers of the method of ours that was called. */
    public static Origin here() {
        return new Origin(
                "",
                WALKER.walk(frames -> frames.dropWhile(Origin::isOurs)
                        .limit(FRAMES)
                        .map(StackWalker.StackFrame::toStackTraceElement)
                        .toList()));
    }

    /** Our own tests are callers like any others. */
    private static boolean isOurs(StackWalker.StackFrame frame) {
        String type = frame.getClassName();
        return type.startsWith(OURS) && !type.contains("Tests");
    }

    /** For messages, in one line. */
    public String summary() {
        return declaration.isEmpty() ? stack.isEmpty() ? "" : "made at " + stack.get(0) : declaration;
    }
}
