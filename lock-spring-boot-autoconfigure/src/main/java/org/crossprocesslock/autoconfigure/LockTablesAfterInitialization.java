package org.crossprocesslock.autoconfigure;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.init.DataSourceInitializer;
import org.springframework.util.ClassUtils;

/**
 * Has the tables looked for after the scripts and migrations of every DataSource. Boot
 * sees to that only where it initializes a database itself, and not where there are
 * several DataSources.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(DatabaseInitializationDependencyConfigurer.class)
@Import(DatabaseInitializationDependencyConfigurer.class)
class LockTablesAfterInitialization {

	private static final String SPRING_JDBC = "org.springframework.jdbc.datasource.init.DataSourceInitializer";

	/** Runs the initializers that Boot does not know of. */
	static void runScripts(ConfigurableListableBeanFactory beanFactory) {
		if (ClassUtils.isPresent(SPRING_JDBC, beanFactory.getBeanClassLoader())) {
			// of any type, or this class could not be looked at without Spring's JDBC
			beanFactory.getBeanProvider(DataSourceInitializer.class).forEach((Object initializer) -> {
				// it has run when it is there
			});
		}
	}

}
