package org.crossprocesslock.test.documentation;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.crossprocesslock.autoconfigure.LockProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xml.sax.InputSource;

import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.io.ByteArrayResource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that what the documentation shows is what is compiled, run and bound elsewhere.
 */
class CodeTests {

	/** Beside the code of a library that the build does not have. */
	private static final Set<String> OF_OTHERS = Set.of("docs/migration/redisson.md");

	/** Of the bridges, which have no class for it. */
	private static final Set<String> OF_BRIDGES = Set.of("cross-process-lock.shedlock.enabled",
			"cross-process-lock.integration.enabled");

	private static final Pattern VERSION = Pattern.compile("<version>([^<$]+)</version>|:lock-[\\w-]+:([^\"`)]+)");

	private static final Pattern PROPERTY = Pattern.compile("(?<![\\w/])(cross-process-lock\\.[a-z.-]*[a-z])");

	private static final Pattern METER = Pattern.compile("(cross\\.process\\.lock\\.[a-z.]*[a-z])");

	@Test
	void everyLineOfJavaIsInASource() throws IOException {
		String sources;
		try (Stream<Path> modules = Files.list(Path.of(".."))) {
			sources = modules.map((module) -> module.resolve("src"))
				.filter(Files::isDirectory)
				.flatMap((directory) -> sources(directory).stream())
				.map((source) -> withoutSpace(Page.read(source)))
				.collect(Collectors.joining("\n"));
		}
		int found = 0;
		for (Page page : Page.all()) {
			if (!OF_OTHERS.contains(page.toString())) {
				for (String block : page.blocks("java")) {
					assertThat(sources.contains(withoutSpace(block))).as("%s:%n%s", page, block).isTrue();
					found++;
				}
			}
		}
		assertThat(found).isGreaterThan(20);
	}

	@ParameterizedTest
	@MethodSource("pages")
	void yamlIsBound(Page page) {
		for (String language : List.of("yaml", "yml")) {
			for (String block : page.blocks(language)) {
				YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
				yaml.setResources(new ByteArrayResource(block.getBytes(UTF_8)));
				Map<String, Object> properties = new HashMap<>();
				Objects.requireNonNull(yaml.getObject()).forEach((name, value) -> {
					String text = String.valueOf(name);
					if (text.startsWith(LockProperties.PREFIX + ".") && !OF_BRIDGES.contains(text)) {
						properties.put(text, value);
					}
				});
				bind(properties);
			}
		}
	}

	/** What is not known or cannot be converted is an exception. */
	private static void bind(Map<String, Object> properties) {
		new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate(LockProperties.PREFIX,
				Bindable.of(LockProperties.class), new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
	}

	/** Tests compare these pages with the code. */
	@ParameterizedTest
	@MethodSource("pages")
	void propertiesAndMetersAreThoseOfThePagesAboutThem(Page page) {
		assertAreRows(PROPERTY, page, "docs/configuration.md");
		assertAreRows(METER, page, "docs/monitoring.md");
	}

	private static void assertAreRows(Pattern names, Page page, String reference) {
		String known = Page.of(reference).text();
		assertThat(names.matcher(page.text()).results().map((name) -> name.group(1)))
			.allSatisfy((name) -> assertThat(known).contains("| `" + name));
	}

	@ParameterizedTest
	@MethodSource("pages")
	void versionsAreThatOfTheBuild(Page page) throws Exception {
		String version = Objects.requireNonNull(DocumentBuilderFactory.newInstance()
			.newDocumentBuilder()
			.parse(Path.of("../pom.xml").toFile())
			.getElementsByTagName("version")
			.item(0)
			.getTextContent());
		assertThat(VERSION.matcher(page.text())
			.results()
			.map((found) -> (found.group(1) != null) ? found.group(1) : found.group(2))).allMatch(version::equals);
	}

	@Test
	void xmlOfTheBuildIsWellFormed() throws Exception {
		for (Page page : Page.all()) {
			for (String block : page.blocks("xml")) {
				DocumentBuilderFactory.newInstance()
					.newDocumentBuilder()
					.parse(new InputSource(new StringReader("<all>" + block + "</all>")));
			}
		}
	}

	@Test
	void readmeIsShort() {
		assertThat(Page.of("README.md").text().lines()).hasSizeLessThanOrEqualTo(120);
	}

	static List<Page> pages() throws IOException {
		return Page.all();
	}

	private static List<Path> sources(Path directory) {
		try (Stream<Path> files = Files.walk(directory)) {
			return files.filter((file) -> file.toString().endsWith(".java")).toList();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String withoutSpace(String code) {
		return code.replaceAll("\\s+", "");
	}

}
