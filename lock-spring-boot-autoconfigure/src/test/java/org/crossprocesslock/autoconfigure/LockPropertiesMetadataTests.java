package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import com.jayway.jsonpath.JsonPath;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.convert.ConversionService;
import org.springframework.util.ClassUtils;
import org.springframework.util.StreamUtils;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the metadata which IDEs complete from tells the truth about
 * {@link LockProperties}.
 */
class LockPropertiesMetadataTests {

	private static final Set<String> WITHOUT_DEFAULT = Set.of("cross-process-lock.required-reach",
			"cross-process-lock.jdbc.lease.renew-interval", "cross-process-lock.jdbc.lease.holder-name",
			"cross-process-lock.jdbc.platform", "cross-process-lock.file.directory",
			"cross-process-lock.web.busy-status");

	private final BeanWrapper defaults = PropertyAccessorFactory.forBeanPropertyAccess(new LockProperties());

	private final ConversionService conversion = ApplicationConversionService.getSharedInstance();

	@TestFactory
	List<DynamicTest> propertyIsDescribedWithItsRealDefault() {
		return properties().values()
			.stream()
			.map((property) -> DynamicTest.dynamicTest(text(property, "name"), () -> check(property)))
			.toList();
	}

	@Test
	void everyPropertyIsThere() {
		assertThat(properties()).containsOnlyKeys("cross-process-lock.enabled", "cross-process-lock.backend",
				"cross-process-lock.required-reach", "cross-process-lock.fencing",
				"cross-process-lock.jdbc.lease.duration", "cross-process-lock.jdbc.lease.renew-interval",
				"cross-process-lock.jdbc.lease.holder-name", "cross-process-lock.jdbc.backoff.initial-interval",
				"cross-process-lock.jdbc.backoff.max-interval", "cross-process-lock.jdbc.purge-age",
				"cross-process-lock.jdbc.table-prefix", "cross-process-lock.jdbc.platform",
				"cross-process-lock.jdbc.initialize-schema", "cross-process-lock.jdbc.own-connections",
				"cross-process-lock.jdbc.wake-up", "cross-process-lock.jdbc.linger",
				"cross-process-lock.file.directory", "cross-process-lock.file.kind",
				"cross-process-lock.file.pid.system-lock", "cross-process-lock.default-wait-time",
				"cross-process-lock.observation.include-key", "cross-process-lock.annotation.order",
				"cross-process-lock.web.busy-status", "cross-process-lock.web.retry-after");
	}

	@Test
	void whatActuatorHasIsThereToo() {
		assertThat(list(metadata(), "properties")).extracting((property) -> text(property, "name"))
			.contains("management.endpoint.crossprocesslocks.access", "management.endpoint.crossprocesslocks.show-keys",
					"management.endpoint.crossprocesslocks.roles", "management.health.cross-process-lock.enabled",
					"management.info.cross-process-lock.enabled");
		assertThat(list(metadata(), "properties")).filteredOn((property) -> property.containsKey("description"))
			.allSatisfy((property) -> assertThat(text(property, "description")).endsWith("."));
	}

	@Test
	void platformsAreHinted() {
		List<Map<String, Object>> hints = list(metadata(), "hints");
		assertThat(hints).filteredOn((hint) -> text(hint, "name").equals("cross-process-lock.jdbc.platform"))
			.singleElement()
			.satisfies((hint) -> assertThat(list(hint, "values")).extracting((value) -> value.get("value"))
				.containsExactly("postgresql", "mysql", "mariadb", "h2"));
	}

	private void check(Map<String, Object> property) {
		String name = text(property, "name");
		assertThat(text(property, "description")).endsWith(".").doesNotStartWith("The ").doesNotStartWith("A ");
		Class<?> type = Objects.requireNonNull(this.defaults.getPropertyType(path(name)));
		assertThat(text(property, "type")).isEqualTo(ClassUtils.resolvePrimitiveIfNecessary(type).getName());
		Object real = this.defaults.getPropertyValue(path(name));
		if (WITHOUT_DEFAULT.contains(name)) {
			assertThat(real).isNull();
			assertThat(property).doesNotContainKey("defaultValue");
		}
		else {
			assertThat(this.conversion.convert(property.get("defaultValue"), type)).isEqualTo(real);
		}
	}

	private static String path(String name) {
		StringBuilder path = new StringBuilder();
		boolean upper = false;
		for (char c : name.substring(LockProperties.PREFIX.length() + 1).toCharArray()) {
			if (c != '-') {
				path.append(upper ? Character.toUpperCase(c) : c);
			}
			upper = (c == '-');
		}
		return path.toString();
	}

	private static Map<String, Map<String, Object>> properties() {
		Map<String, Map<String, Object>> properties = new LinkedHashMap<>();
		list(metadata(), "properties").stream()
			.filter((property) -> text(property, "name").startsWith(LockProperties.PREFIX))
			.forEach((property) -> properties.put(text(property, "name"), property));
		return properties;
	}

	private static Map<String, Object> metadata() {
		try (@Nullable
		InputStream json = LockProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			assertThat(json).isNotNull();
			return JsonPath.parse(StreamUtils.copyToString(json, UTF_8)).json();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String text(Map<String, Object> map, String name) {
		assertThat(map).containsKey(name);
		return String.valueOf(map.get(name));
	}

	@SuppressWarnings("unchecked")
	private static List<Map<String, Object>> list(Map<String, Object> map, String name) {
		return (List<Map<String, Object>>) Objects.requireNonNull(map.get(name));
	}

}
