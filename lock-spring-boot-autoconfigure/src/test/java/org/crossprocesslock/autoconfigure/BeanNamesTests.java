package org.crossprocesslock.autoconfigure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.crossprocesslock.LockManager;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that no bean of the library takes a name that an application may want.
 */
class BeanNamesTests {

	private static final String LIBRARY = "org.crossprocesslock.";

	private final ApplicationContextRunner contextRunner;

	BeanNamesTests(@TempDir Path directory) throws ClassNotFoundException {
		this.contextRunner = new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(all()))
			.withBean("registry", MeterRegistry.class, SimpleMeterRegistry::new)
			.withPropertyValues("cross-process-lock.file.directory=" + directory);
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "file", "memory" })
	void everyNameHasThePrefix(String backend) {
		this.contextRunner.withPropertyValues("cross-process-lock.backend=" + backend).run((context) -> {
			assertThat(context).hasNotFailed().hasBean("crossProcessLockManager");
			assertThat(names(context.getBeanFactory())).isNotEmpty()
				.allMatch((name) -> name.startsWith("crossProcessLock"));
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "file", "memory" })
	void beansOfTheApplicationHaveTheNamesTheyLike(String backend) {
		ApplicationContextRunner runner = this.contextRunner
			.withPropertyValues("cross-process-lock.backend=" + backend);
		for (String name : List.of("lockManager", "lockStore", "lockBackend", "commitFence", "lockLostEvents",
				"lockShutdownOrder", "micrometerLockListener", "transactionFencing", "fencedTransactionManagers",
				"lockedBeanPostProcessor", "leaseStore", "locks", "lockListener", "lockProperties")) {
			runner = runner.withBean(name, OfTheApplication.class);
		}
		runner.run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(LockManager.class);
			assertThat(context.getBeansOfType(OfTheApplication.class)).hasSize(14);
		});
	}

	/** Named by methods; the name of a class is nobody else's. */
	private static Set<String> names(ConfigurableListableBeanFactory beans) {
		Set<String> used = new TreeSet<>();
		for (String name : beans.getBeanDefinitionNames()) {
			String definedBy = String.valueOf(beans.getBeanDefinition(name).getFactoryBeanName());
			Class<?> type = beans.getType(name, false);
			boolean ofItsType = type != null && type.getName().startsWith(LIBRARY) && !type.getName().contains("Tests");
			boolean ours = ofItsType || definedBy.startsWith(LIBRARY);
			if (ours && !name.contains(LIBRARY)) {
				used.add(name);
			}
		}
		return used;
	}

	private static Class<?>[] all() throws ClassNotFoundException {
		List<Class<?>> classes = new ArrayList<>(
				List.of(DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class));
		for (String name : ImportCandidates.load(AutoConfiguration.class, BeanNamesTests.class.getClassLoader())) {
			if (name.startsWith(LIBRARY)) {
				classes.add(Class.forName(name));
			}
		}
		return classes.toArray(Class<?>[]::new);
	}

	static class OfTheApplication {

	}

}
