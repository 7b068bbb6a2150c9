package io.github.shmkit.guide;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page, in which what comes from elsewhere stands between marks.
 *
 * <pre>{@code
 * <!-- from it/examples/src/test/java/…/GuideTests.java aPeerSeesOurWrite -->   an excerpt of a file
 * <!-- table settings -->                                                       what Tables makes
 * <!-- message native-helper/src/main/java/…/NewSegment.java -->                quoted, with … for what varies
 * <!-- end -->
 * }</pre>
 */
final class Page {
    private static final Pattern BLOCK =
            Pattern.compile("(<!-- (from|table|message) (\\S+)(?: (\\S+))? -->\n)(.*?)<!-- end -->", Pattern.DOTALL);
    private static final int OPENING = 1;
    private static final int WHAT = 2;
    private static final int WHERE = 3;
    private static final int NAMES = 4;
    private static final int CONTENT = 5;

    private static final Map<String, String> LANGUAGES =
            Map.of("gradle", "groovy", "Jenkinsfile", "groovy", "yml", "yaml");

    private Page() {}

    /** The page as its sources would have it. */
    static String renewed(String page) {
        return BLOCK.matcher(page)
                .replaceAll(block -> Matcher.quoteReplacement(block.group(OPENING) + content(block) + "<!-- end -->"));
    }

    /** What stands outside of all marks. */
    static String unmarked(String page) {
        return BLOCK.matcher(page).replaceAll("");
    }

    /** What is quoted as a message and is not in the source that is named for it. */
    static List<String> unknownMessages(String page) {
        return BLOCK.matcher(page)
                .results()
                .filter(block -> block.group(WHAT).equals("message"))
                .filter(block -> !isIn(Sources.joined(block.group(WHERE)), message(block)))
                .map(block -> block.group(WHERE) + " does not say: " + message(block))
                .toList();
    }

    private static String content(MatchResult block) {
        String where = block.group(WHERE);
        return switch (block.group(WHAT)) {
            case "from" -> {
                String names = Optional.ofNullable(block.group(NAMES)).orElse("");
                yield "```" + language(where) + "\n" + Excerpt.of(where, names) + "\n```\n";
            }
            case "table" -> Tables.of(where);
            default -> block.group(CONTENT);
        };
    }

    private static String language(String file) {
        String extension = file.replaceFirst(".*[./]", "");
        return LANGUAGES.getOrDefault(extension, extension);
    }

    private static String message(MatchResult block) {
        return block.group(CONTENT).strip().replaceAll("\\s+", " ");
    }

    /** Whether a text holds all that stands between the ellipses, one after the other. */
    private static boolean isIn(String source, String message) {
        int from = 0;
        for (String part : message.split("…", -1)) {
            from = source.indexOf(part.strip(), from);
            if (from < 0) {
                return false;
            }
        }
        return true;
    }
}
