package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.ShmException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionIdTests {
    @ParameterizedTest
    @ValueSource(strings = {"AAAAAAAAAAAAAAAAAAAAAA", "zZ09-_zZ09-_zZ09-_zZ09"})
    void is22CharactersOfBase64url(String text) {
        assertThat(SessionId.isValid(text)).isTrue();
        assertThat(new SessionId(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "AAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAA/",
                "AAAAAAAAAAAAAAAAAAAAA+",
                "AAAAAAAAAAAAAAAAAAAAA\n",
                "AAAAAAAAAAAAAAAAAAAAAé",
            })
    void anythingElseIsRefused(String text) {
        assertThat(SessionId.isValid(text)).isFalse();
        assertThatThrownBy(() -> new SessionId(text))
                .isInstanceOf(ShmException.class)
                .hasMessage("'" + text + "' is not the id of a session of shmkit (22 characters of base64url)");
    }

    @Test
    void eachNewOneIsAnother() {
        Set<SessionId> ids = Stream.generate(SessionId::random).limit(100).collect(Collectors.toSet());

        assertThat(ids).hasSize(100);
    }
}
