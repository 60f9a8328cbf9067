package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

import javax.lang.model.SourceVersion;
import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import org.springframework.util.StringUtils;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that what is published is complete: the module with the versions, the names of
 * modules, and the licences of what they need.
 */
class PublishedModulesTests {

	private static final Path ROOT = Path.of("..");

	private static final Set<String> NOT_PUBLISHED = Set.of("lock-bom", "sample-app", "lock-benchmarks");

	@Test
	void everyPublishedModuleHasItsVersionInTheBom() throws Exception {
		Document bom = pom("lock-bom");
		assertThat(text(bom.getDocumentElement(), "version")).isEqualTo(text(pom("").getDocumentElement(), "version"));
		List<String> managed = new ArrayList<>();
		for (Element dependency : elements(bom.getDocumentElement(), "dependency")) {
			assertThat(text(dependency, "version")).isEqualTo("${project.version}");
			managed.add(text(dependency, "artifactId"));
		}
		assertThat(managed).containsExactlyElementsOf(published());
	}

	@Test
	void everyPublishedModuleHasAModuleNameOfItsOwn() throws Exception {
		Set<String> names = new TreeSet<>();
		for (String module : published()) {
			List<Element> name = elements(pom(module).getDocumentElement(), "module.name");
			assertThat(name).as(module).hasSize(1);
			String text = name.get(0).getTextContent();
			assertThat(SourceVersion.isName(text)).as(text).isTrue();
			assertThat(names.add(text)).as(text).isTrue();
		}
	}

	@Test
	void licenceOfEveryDependencyIsListed() throws Exception {
		List<String> lines = Files.readAllLines(ROOT.resolve("docs/dependencies.md"), UTF_8);
		Set<String> needed = new TreeSet<>();
		for (String module : published()) {
			for (Element dependency : elements(pom(module).getDocumentElement(), "dependency")) {
				String group = text(dependency, "groupId");
				if (!"test".equals(text(dependency, "scope")) && !group.equals("org.crossprocesslock")) {
					String name = "`" + group + ":" + text(dependency, "artifactId") + "`";
					needed.add(name);
					boolean optional = "true".equals(text(dependency, "optional"))
							|| "provided".equals(text(dependency, "scope"));
					assertThat(lines).as("%s of %s", name, module).anySatisfy((line) -> {
						String[] cells = StringUtils.delimitedListToStringArray(line, "|");
						assertThat(cells).hasSize(6);
						assertThat(cells[1].strip()).isEqualTo(name);
						assertThat(cells[2]).isNotBlank();
						assertThat(cells[optional ? 4 : 3]).contains("`" + module + "`");
					});
				}
			}
		}
		assertThat(lines.stream().filter((line) -> line.startsWith("| `"))).hasSameSizeAs(needed);
	}

	private static List<String> published() throws Exception {
		List<String> published = new ArrayList<>();
		for (Element module : elements(pom("").getDocumentElement(), "module")) {
			if (!NOT_PUBLISHED.contains(module.getTextContent())) {
				published.add(module.getTextContent());
			}
		}
		assertThat(published).contains("lock-core");
		return published;
	}

	private static Document pom(String module) throws Exception {
		try (var pom = Files.newInputStream(ROOT.resolve(module).resolve("pom.xml"))) {
			return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom);
		}
		catch (IOException ex) {
			throw new IllegalStateException(module, ex);
		}
	}

	private static List<Element> elements(Element root, String name) {
		NodeList nodes = root.getElementsByTagName(name);
		List<Element> elements = new ArrayList<>();
		for (int i = 0; i < nodes.getLength(); i++) {
			elements.add((Element) nodes.item(i));
		}
		return elements;
	}

	/** Of a child, empty if there is none. */
	private static String text(Element parent, String name) {
		return elements(parent, name).stream()
			.filter((element) -> element.getParentNode() == parent)
			.map((element) -> Objects.requireNonNull(element.getTextContent()).strip())
			.findFirst()
			.orElse("");
	}

}
