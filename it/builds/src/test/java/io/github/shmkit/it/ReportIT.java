package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The goal {@code report}, directly and in the project's site. */
class ReportIT {
    private static final String SITE = "org.apache.maven.plugins:maven-site-plugin:3.22.0:site";
    private static final String POM = """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>reported</groupId>
              <artifactId>reported</artifactId>
              <version>1</version>
              <packaging>pom</packaging>
              <name>Reported</name>
              <reporting>
                <excludeDefaults>true</excludeDefaults>
                <plugins>
                  <plugin>
                    <groupId>io.github.shmkit</groupId>
                    <artifactId>shm-maven-plugin</artifactId>
                    <version>%s</version>
                  </plugin>
                </plugins>
              </reporting>
            </project>
            """;

    @Test
    void isAPageOfItsOwnAndOneOfTheSite(@TempDir Path project) throws Exception {
        Files.writeString(project.resolve("pom.xml"), POM.formatted(System.getProperty("shmkit.it.version")));
        Path page = project.resolve("target/site/shmkit.html");

        Mvn unchecked = Mvn.run(project, Mvn.GOAL + "report");
        assertThat(unchecked.exitCode()).isZero();
        assertThat(unchecked.log()).contains("wrote " + page);
        assertThat(page).content().contains("<h1>Not checked yet</h1>");

        // What a check found, of which nothing is here any more
        Path reports = Files.createDirectories(project.resolve("target/shmkit"));
        Files.writeString(reports.resolve("leaks.json"), """
                {"schema": 1, "generator": "shm-maven-plugin", "time": "2026-01-01T00:00:00Z", "session": "", "leaks": 0, "leakedBytes": 0,
                 "objects": [], "notes": ["<b>queues</b> cannot be listed"]}
                """);

        Mvn site = Mvn.run(project, SITE);
        assertThat(site.log()).contains("BUILD SUCCESS");
        assertThat(page)
                .content()
                .contains("Nothing left behind</h1>", "<li><bdi>&lt;b&gt;queues&lt;/b&gt; cannot be listed</bdi></li>");
        assertThat(project.resolve("target/site/project-reports.html"))
                .content()
                .contains("href=\"shmkit.html\"", "IPC objects left behind");

        Files.writeString(reports.resolve("leaks.json"), "{");
        Mvn broken = Mvn.run(project, Mvn.GOAL + "report");
        assertThat(broken.exitCode()).isEqualTo(1);
        assertThat(broken.log())
                .containsPattern("cannot make the report: .*leaks.json is no report of shm:check")
                .contains("; run shm:check again");
    }
}
