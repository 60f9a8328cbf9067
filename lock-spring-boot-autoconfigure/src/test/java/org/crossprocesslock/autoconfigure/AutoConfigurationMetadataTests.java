package org.crossprocesslock.autoconfigure;

import java.lang.annotation.Annotation;
import java.util.Arrays;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationAttributes;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@code spring-autoconfigure-metadata.properties}, which Spring Boot believes.
 */
class AutoConfigurationMetadataTests {

	@Test
	void metadataSaysWhatTheAnnotationsSay() throws Exception {
		Properties annotated = new Properties();
		for (String name : ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader())) {
			if (name.startsWith("org.crossprocesslock.")) {
				annotated.setProperty(name, "");
				add(annotated, Class.forName(name));
			}
		}
		assertThat(new TreeMap<>(PropertiesLoaderUtils.loadProperties(new ClassPathResource(
				"META-INF/spring-autoconfigure-metadata.properties", LockAutoConfiguration.class.getClassLoader()))))
			.containsExactlyEntriesOf(new TreeMap<>(annotated));
	}

	private static void add(Properties annotated, Class<?> type) {
		add(annotated, type, "AutoConfigureAfter", AutoConfiguration.class, "after", "afterName");
		add(annotated, type, "AutoConfigureBefore", AutoConfiguration.class, "before", "beforeName");
		add(annotated, type, "ConditionalOnClass", ConditionalOnClass.class, "value", "name");
		add(annotated, type, "ConditionalOnBean", ConditionalOnBean.class, "value", "type");
	}

	private static void add(Properties annotated, Class<?> type, String suffix, Class<? extends Annotation> annotation,
			String... attributes) {
		AnnotationAttributes present = AnnotatedElementUtils.getMergedAnnotationAttributes(type, annotation.getName(),
				true, false);
		if (present != null) {
			String value = String.join(",",
					Arrays.stream(attributes).flatMap((name) -> Stream.of(present.getStringArray(name))).toList());
			if (StringUtils.hasText(value)) {
				annotated.setProperty(type.getName() + "." + suffix, value);
			}
		}
	}

}
