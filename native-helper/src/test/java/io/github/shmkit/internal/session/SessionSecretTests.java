package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.ShmException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionSecretTests {
    private static final String SECRET = "AAAAAAAAAAAAAAAAAAAAAA";

    /** printf AAAAAAAAAAAAAAAAAAAAAA | sha256sum | head -c 32 | xxd -r -p | base64, with - and _ for + and /. */
    @Test
    void idIsHalfOfTheSha256() {
        assertThat(SessionSecret.of(SECRET).id()).hasToString("ilvbTMFRZBJsbvJmjendJA");
    }

    @Test
    void isNotWrittenAnywhereByAccident() {
        SessionSecret secret = SessionSecret.of(SECRET);

        assertThat(secret.text()).isEqualTo(SECRET);
        assertThat(secret).hasToString("the secret of session " + secret.id());
    }

    @Test
    void refusedTextStaysUnsaid() {
        assertThatThrownBy(() -> SessionSecret.of(SECRET + "\n"))
                .isInstanceOf(ShmException.class)
                .hasMessage("SHMKIT_SESSION holds no session of shmkit (22 characters of base64url); unset it: the "
                        + "Maven extension sets it for test JVMs");
    }

    @Test
    void isInheritedFromTheBuildThatStartedThisJvm() {
        Optional<String> inherited =
                Optional.ofNullable(System.getenv(SessionSecret.VARIABLE)).filter(text -> !text.isEmpty());
        SessionSecret first = SessionSecret.inheritedOrRandom();

        assertThat(first.text()).isEqualTo(inherited.orElse(first.text()));
        assertThat(first.text().equals(SessionSecret.inheritedOrRandom().text()))
                .isEqualTo(inherited.isPresent());
    }
}
