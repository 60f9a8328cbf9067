package org.crossprocesslock.test.documentation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.LockFileProperties;
import org.crossprocesslock.autoconfigure.LockProperties;
import org.crossprocesslock.lease.LeaseOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import org.springframework.core.Ordered;

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
			all(document, shape).forEach((element) -> {
				double right = number(element, "x") + number(element, "width");
				assertThat(right).as(element.getTextContent()).isBetween(0.0, width);
				assertThat(number(element, "y") + number(element, "height")).isBetween(0.0, height);
			});
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
		double takeOver = heartbeat + lease.toSeconds() * second;
		assertThat(places(document, "line", "mark")).containsOnly(heartbeat, heartbeat + lost * second, takeOver);
		assertThat(places(document, "rect", "b")).containsOnly(takeOver);
		double beat = LeaseOptions.defaults().renewInterval().toMillis() / 1000.0 * second;
		assertThat(places(document, "line", "beat")).containsOnly(heartbeat - 2 * beat, heartbeat - beat, heartbeat);
	}

	private static List<Double> places(Document document, String shape, String style) {
		return all(document, shape).filter((element) -> element.getAttribute("class").equals(style))
			.map((element) -> number(element, shape.equals("line") ? "x1" : "x"))
			.toList();
	}

	@Test
	void callOrderIsTheDefaultAndItsExceptionsExist() throws Exception {
		assertThat(new LockProperties().getAnnotation().getOrder()).isLessThan(Ordered.LOWEST_PRECEDENCE);
		Document document = document(IMAGES.resolve("call-order.svg"));
		double taken = label(document, "1. take the lock");
		assertThat(List.of(taken, label(document, "2. begin"), label(document, "3. your method"),
				label(document, "4. check the lock"), label(document, "5. commit"), label(document, "6. release")))
			.isSorted();
		assertThat(label(document, LockTimeoutException.class.getSimpleName())).isEqualTo(taken);
		assertThat(label(document, LockLostException.class.getSimpleName()))
			.isEqualTo(label(document, "4. check the lock"));
	}

	@Test
	void backendsAreAllThatCanBeChosen() throws Exception {
		List<String> names = new ArrayList<>(List.of("nothing that is recommended"));
		for (LockProperties.Backend backend : LockProperties.Backend.values()) {
			switch (backend) {
				case AUTO -> {
				}
				case JDBC, MEMORY -> names.add(lowerCase(backend));
				case FILE -> Stream.of(LockFileProperties.Kind.values())
					.forEach((kind) -> names.add("file, kind " + lowerCase(kind)));
			}
		}
		assertThat(all(document(IMAGES.resolve("backends.svg")), "text")
			.filter((text) -> text.getAttribute("class").equals("title"))
			.map(Element::getTextContent)).containsExactlyInAnyOrderElementsOf(names);
	}

	private static String lowerCase(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	private static double label(Document document, String text) {
		return all(document, "text").filter((element) -> text.equals(element.getTextContent()))
			.map((element) -> number(element, "x"))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException(text));
	}

	private static Stream<Element> all(Document document, String shape) {
		NodeList shapes = document.getElementsByTagName(shape);
		return IntStream.range(0, shapes.getLength()).mapToObj((i) -> (Element) shapes.item(i));
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
