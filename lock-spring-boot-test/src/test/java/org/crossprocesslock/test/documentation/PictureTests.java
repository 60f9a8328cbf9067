package org.crossprocesslock.test.documentation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.crossprocesslock.lease.LeaseOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that pictures can be seen in the light and in the dark, and show real times.
 */
class PictureTests {

	private static final Path IMAGES = Path.of("../docs/images");

	@ParameterizedTest
	@MethodSource("pictures")
	void nothingIsOutsideOfThePaper(Path picture) throws Exception {
		assertThat(picture).content().contains("(prefers-color-scheme: dark)");
		Document document = document(picture);
		Element root = document.getDocumentElement();
		double width = Double.parseDouble(root.getAttribute("width"));
		double height = Double.parseDouble(root.getAttribute("height"));
		for (String shape : List.of("rect", "text")) {
			NodeList shapes = document.getElementsByTagName(shape);
			for (int i = 0; i < shapes.getLength(); i++) {
				Element element = (Element) shapes.item(i);
				double right = number(element, "x") + number(element, "width");
				assertThat(right).as(element.getTextContent()).isBetween(0.0, width);
				assertThat(number(element, "y") + number(element, "height")).isBetween(0.0, height);
			}
		}
	}

	/** The lease is lost for its holder a tenth before others may take over. */
	@Test
	void takeOverHasTheTimesOfTheDefaults() throws Exception {
		Duration lease = LeaseOptions.DEFAULT_LEASE_DURATION;
		long lost = lease.minus(lease.dividedBy(10)).toSeconds();
		assertThat(IMAGES.resolve("take-over.svg")).content()
			.contains(">" + lost + " s later: lost for A<", ">" + lease.toSeconds() + " s later: B acquires K<");
		Document document = document(IMAGES.resolve("take-over.svg"));
		double heartbeat = label(document, "last heartbeat");
		double second = 46;
		List<Double> marks = Stream.of(0L, lost, lease.toSeconds()).map((after) -> heartbeat + after * second).toList();
		NodeList lines = document.getElementsByTagName("line");
		for (int i = 0; i < lines.getLength(); i++) {
			Element line = (Element) lines.item(i);
			if (line.getAttribute("class").equals("mark")) {
				assertThat(marks).contains(number(line, "x1"));
			}
		}
	}

	private static double label(Document document, String text) {
		NodeList texts = document.getElementsByTagName("text");
		for (int i = 0; i < texts.getLength(); i++) {
			if (text.equals(texts.item(i).getTextContent())) {
				return number((Element) texts.item(i), "x");
			}
		}
		throw new IllegalStateException(text);
	}

	private static double number(Element element, String attribute) {
		return element.hasAttribute(attribute) ? Double.parseDouble(element.getAttribute(attribute)) : 0;
	}

	private static Document document(Path picture) throws Exception {
		return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(picture.toFile());
	}

	static List<Path> pictures() throws IOException {
		try (Stream<Path> pictures = Files.list(IMAGES)) {
			return Stream.concat(pictures.sorted(), Stream.of(Path.of("../docs/internals/benchmark.svg"))).toList();
		}
	}

}
