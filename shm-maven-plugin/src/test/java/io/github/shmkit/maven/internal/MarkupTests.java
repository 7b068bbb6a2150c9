package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MarkupTests {
    @Test
    void inXmlAndHtmlNothingIsMarkup() {
        assertThat(Markup.escape("<a href=\"x\" title='y'>&amp;</a> zoë"))
                .isEqualTo("&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt; zoë");
    }

    @Test
    void inMarkdownOnlyLettersDigitsAndSpacesAreAsTheyAre() {
        assertThat(Markup.markdown("Zoë 漢字 𝒜1")).isEqualTo("Zoë 漢字 𝒜1");
        assertThat(Markup.markdown("a|b_c@d 𝄞")).isEqualTo("a&#124;b&#95;c&#64;d &#119070;");
    }
}
