package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.jayway.jsonpath.JsonPath;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the tables of docs/configuration.md have what the metadata of the properties
 * has.
 */
class ConfigurationPageTests {

	private static final Path ROOT = Path.of("..");

	/** Of the other modules, which have no properties but these. */
	private static final List<String> MORE = List.of("lock-spring-boot-shedlock", "lock-spring-boot-integration");

	/** What Spring Boot adds to every endpoint, and documents. */
	private static final Set<String> OF_EVERY_ENDPOINT = Set.of("management.endpoint.crossprocesslocks.enabled",
			"management.endpoint.crossprocesslocks.cache.time-to-live");

	/** What the table says where the metadata has no default. */
	private static final Map<String, String> IN_WORDS = Map.of("cross-process-lock.jdbc.lease.renew-interval",
			"a tenth of it", "cross-process-lock.jdbc.platform", "detected", "cross-process-lock.file.directory",
			"`~/.cross-process-lock/<application>`");

	private static final Pattern ROW = Pattern
		.compile("^\\| `((?:cross-process-lock|management)\\.[\\w.-]+)` \\| (.*?) \\| (.*) \\|$", Pattern.MULTILINE);

	@Test
	void everyPropertyIsThere() throws IOException {
		assertThat(rows()).containsOnlyKeys(metadata().keySet());
	}

	@ParameterizedTest
	@MethodSource("names")
	void defaultIsTheRealOne(String name) throws IOException {
		String said = Objects.requireNonNull(rows().get(name)).get(0);
		Map<String, Object> property = Objects.requireNonNull(metadata().get(name));
		Object real = property.get("defaultValue");
		if (real == null || (real instanceof List<?> list && list.isEmpty())) {
			assertThat(said).isEqualTo(IN_WORDS.getOrDefault(name, "none"));
			return;
		}
		assertThat(said).startsWith("`").endsWith("`");
		Class<?> type = Objects.requireNonNull(type(property));
		ApplicationConversionService conversion = (ApplicationConversionService) ApplicationConversionService
			.getSharedInstance();
		assertThat(conversion.convert(said.replace("`", ""), type)).isEqualTo(conversion.convert(real, type));
	}

	/** Every value that can be written is named. */
	@ParameterizedTest
	@MethodSource("names")
	void valuesOfAChoiceAreAllNamed(String name) throws IOException {
		Class<?> type = type(Objects.requireNonNull(metadata().get(name)));
		if (type != null && type.isEnum()) {
			String row = String.join(" ", Objects.requireNonNull(rows().get(name)));
			for (Object constant : type.getEnumConstants()) {
				assertThat(row).contains("`" + constant.toString().toLowerCase(Locale.ROOT).replace('_', '-') + "`");
			}
		}
	}

	static List<String> names() throws IOException {
		return List.copyOf(metadata().keySet());
	}

	/** Default and meaning by name. */
	private static Map<String, List<String>> rows() throws IOException {
		Map<String, List<String>> rows = new LinkedHashMap<>();
		Matcher found = ROW.matcher(Files.readString(ROOT.resolve("docs/configuration.md")));
		while (found.find()) {
			assertThat(rows.put(found.group(1), List.of(found.group(2), found.group(3)))).as(found.group(1)).isNull();
			assertThat(StringUtils.hasText(found.group(3))).isTrue();
		}
		return rows;
	}

	private static Map<String, Map<String, Object>> metadata() throws IOException {
		List<Map<String, Object>> properties = new ArrayList<>();
		try (InputStream own = Objects.requireNonNull(
				ConfigurationPageTests.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json"))) {
			properties.addAll(JsonPath.read(own, "$.properties"));
		}
		for (String module : MORE) {
			properties.addAll(JsonPath.read(
					ROOT.resolve(module + "/src/main/resources/META-INF/additional-spring-configuration-metadata.json")
						.toFile(),
					"$.properties"));
		}
		Map<String, Map<String, Object>> byName = new LinkedHashMap<>();
		properties.forEach((property) -> byName.put((String) Objects.requireNonNull(property.get("name")), property));
		byName.keySet().removeAll(OF_EVERY_ENDPOINT);
		return byName;
	}

	private static @Nullable Class<?> type(Map<String, Object> property) {
		String name = (String) Objects.requireNonNull(property.get("type"));
		return name.contains("<") ? null
				: ClassUtils.resolveClassName(name, ConfigurationPageTests.class.getClassLoader());
	}

}
