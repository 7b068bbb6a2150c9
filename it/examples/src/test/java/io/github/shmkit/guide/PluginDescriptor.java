package io.github.shmkit.guide;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** What Maven knows of the plugin, as the build made it from the goals' Javadoc and annotations. */
final class PluginDescriptor {
    /** One that the command line can give; without a property it would be for poms only. */
    record Parameter(String property, String defaultValue, String description) {}

    /**
     * One of the plugin's goals.
     *
     * @param forPomsOnly names of parameters that no property sets
     */
    record Goal(
            String name,
            String description,
            String phase,
            boolean requiresProject,
            boolean threadSafe,
            List<Parameter> parameters,
            List<String> forPomsOnly) {}

    private static final List<Goal> GOALS = read();

    private PluginDescriptor() {}

    static List<Goal> goals() {
        return GOALS;
    }

    static Set<String> properties() {
        return GOALS.stream()
                .flatMap(goal -> goal.parameters().stream())
                .map(Parameter::property)
                .collect(Collectors.toSet());
    }

    private static List<Goal> read() {
        try (InputStream in = PluginDescriptor.class.getResourceAsStream("/META-INF/maven/plugin.xml")) {
            Element plugin = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(Objects.requireNonNull(in, "shm-maven-plugin is not on the class path"))
                    .getDocumentElement();
            return children(child(plugin, "mojos").orElseThrow()).stream()
                    .map(PluginDescriptor::goal)
                    .toList();
        } catch (IOException | ParserConfigurationException | SAXException e) {
            throw new IllegalStateException("plugin.xml cannot be read", e);
        }
    }

    private static Goal goal(Element mojo) {
        Optional<Element> values = child(mojo, "configuration");
        List<Parameter> parameters = new ArrayList<>();
        List<String> forPomsOnly = new ArrayList<>();
        for (Element parameter : children(child(mojo, "parameters").orElseThrow())) {
            String name = text(parameter, "name");
            Optional<Element> value = values.flatMap(all -> child(all, name))
                    .filter(v -> v.getTextContent().startsWith("${shm."));
            if (value.isPresent()) {
                parameters.add(new Parameter(
                        value.get().getTextContent().replaceAll("[${}]", ""),
                        value.get().getAttribute("default-value"),
                        text(parameter, "description")));
            } else if (text(parameter, "editable").equals("true")) {
                forPomsOnly.add(name);
            }
        }
        return new Goal(
                text(mojo, "goal"),
                text(mojo, "description"),
                text(mojo, "phase"),
                Boolean.parseBoolean(text(mojo, "requiresProject")),
                Boolean.parseBoolean(text(mojo, "threadSafe")),
                parameters,
                forPomsOnly);
    }

    private static String text(Element parent, String name) {
        return child(parent, name).map(Node::getTextContent).orElse("");
    }

    private static Optional<Element> child(Element parent, String name) {
        return children(parent).stream()
                .filter(child -> child.getTagName().equals(name))
                .findFirst();
    }

    private static List<Element> children(Element parent) {
        List<Element> children = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                children.add(element);
            }
        }
        return children;
    }
}
