package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.beans.BeanUtils;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the table of properties in the README is that of {@link LockProperties}.
 */
class ReadmePropertiesTests {

	private static final Pattern CODE = Pattern.compile("`([^`]+)`");

	private static final String HEADER = "| Property `" + LockProperties.PREFIX + ".…` |";

	/** What the table says where the default is worked out. */
	private static final Map<String, String> IN_WORDS = Map.of("required-reach", "none", "jdbc.lease.renew-interval",
			"a tenth of it", "jdbc.lease.holder-name", "none", "jdbc.platform", "detected", "web.busy-status", "none",
			"file.directory", "`~/.cross-process-lock/<application>`");

	private static final BeanWrapper DEFAULTS = PropertyAccessorFactory.forBeanPropertyAccess(new LockProperties());

	@Test
	void everyPropertyIsInTheTable() throws IOException {
		assertThat(table()).containsOnlyKeys(new TreeSet<>(properties(LockProperties.class, "").toList()));
	}

	@ParameterizedTest
	@MethodSource("names")
	void defaultIsTheRealOne(String name) throws IOException {
		String said = Objects.requireNonNull(table().get(name));
		Object real = DEFAULTS.getPropertyValue(camelCase(name));
		if (IN_WORDS.containsKey(name)) {
			assertThat(real).isNull();
			assertThat(said).isEqualTo(IN_WORDS.get(name));
			return;
		}
		Matcher value = CODE.matcher(said);
		assertThat(value.matches()).as("%s is code", said).isTrue();
		assertThat(ApplicationConversionService.getSharedInstance()
			.convert(value.group(1), Objects.requireNonNull(DEFAULTS.getPropertyType(camelCase(name)))))
			.isEqualTo(real);
	}

	/** Every value that can be written is named. */
	@ParameterizedTest
	@MethodSource("names")
	void valuesOfAChoiceAreAllNamed(String name) throws IOException {
		Class<?> type = Objects.requireNonNull(DEFAULTS.getPropertyType(camelCase(name)));
		if (type.isEnum()) {
			String line = line(name);
			for (Object constant : type.getEnumConstants()) {
				assertThat(line).contains("`" + constant.toString().toLowerCase(Locale.ROOT).replace('_', '-') + "`");
			}
		}
	}

	static Stream<String> names() {
		return properties(LockProperties.class, "");
	}

	private static Stream<String> properties(Class<?> type, String prefix) {
		return Arrays.stream(BeanUtils.getPropertyDescriptors(type))
			.filter((property) -> !property.getName().equals("class"))
			.flatMap((property) -> {
				String name = prefix + dashed(property.getName());
				Class<?> inner = property.getPropertyType();
				return (inner.getName().startsWith("org.crossprocesslock") && !inner.isEnum())
						? properties(inner, name + ".") : Stream.of(name);
			});
	}

	private static String dashed(String name) {
		return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
	}

	private static String camelCase(String name) {
		String[] words = StringUtils.delimitedListToStringArray(name, "-");
		return words[0] + Arrays.stream(words).skip(1).map(StringUtils::capitalize).reduce("", String::concat);
	}

	/** Defaults by name; a line may be about two properties. */
	private static Map<String, String> table() throws IOException {
		Map<String, String> table = new LinkedHashMap<>();
		for (String line : lines()) {
			String[] cells = StringUtils.delimitedListToStringArray(line, "|");
			List<String> names = CODE.matcher(cells[1]).results().map((result) -> result.group(1)).toList();
			String[] defaults = (names.size() == 1) ? new String[] { cells[2] }
					: StringUtils.delimitedListToStringArray(cells[2], ",");
			assertThat(defaults).as(line).hasSameSizeAs(names);
			for (int i = 0; i < names.size(); i++) {
				assertThat(ConfigurationPropertyName.isValid(names.get(i))).isTrue();
				table.put(names.get(i), defaults[i].strip());
			}
		}
		return table;
	}

	private static String line(String name) throws IOException {
		return lines().stream()
			.filter((line) -> StringUtils.delimitedListToStringArray(line, "|")[1].contains("`" + name + "`"))
			.findFirst()
			.orElseThrow();
	}

	private static List<String> lines() throws IOException {
		Path readme = Path.of("README.md");
		List<String> all = Files.readAllLines(Files.exists(readme) ? readme : Path.of("..", "README.md"));
		return all.stream()
			.dropWhile((line) -> !line.startsWith(HEADER))
			.skip(2)
			.takeWhile((line) -> line.startsWith("|"))
			.toList();
	}

}
