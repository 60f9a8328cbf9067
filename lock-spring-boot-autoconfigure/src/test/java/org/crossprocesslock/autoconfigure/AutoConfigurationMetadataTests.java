package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.util.List;
import java.util.Properties;

import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.core.io.support.PropertiesLoaderUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the build has written {@code spring-autoconfigure-metadata.properties},
 * without which Spring Boot reads all classes of auto-configurations at every start.
 */
class AutoConfigurationMetadataTests {

	@Test
	void everyAutoConfigurationIsThere() throws IOException {
		List<String> own = ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader())
			.getCandidates()
			.stream()
			.filter((name) -> name.startsWith("org.crossprocesslock."))
			.toList();
		assertThat(own).contains(LockAutoConfiguration.class.getName());
		assertThat(metadata().stringPropertyNames()).containsAll(own);
	}

	@Test
	void orderIsThere() throws IOException {
		assertThat(metadata().getProperty(LockAutoConfiguration.class.getName() + ".AutoConfigureAfter"))
			.contains("org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration");
	}

	private static Properties metadata() throws IOException {
		return PropertiesLoaderUtils.loadAllProperties("META-INF/spring-autoconfigure-metadata.properties",
				LockAutoConfiguration.class.getClassLoader());
	}

}
