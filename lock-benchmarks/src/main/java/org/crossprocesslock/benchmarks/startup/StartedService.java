package org.crossprocesslock.benchmarks.startup;

import java.io.PrintStream;

import org.crossprocesslock.annotation.CrossProcessLocked;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

/**
 * The main class of a service with a database, a transaction and a lock, which prints a
 * {@link ServiceStart} and ends. It runs without the lock's classes too: annotations that
 * are missing do not exist.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class StartedService {

	/** By name, since the class may be missing. */
	private static final String LOCK_MANAGER = "crossProcessLockManager";

	/** Starts it with properties as arguments. */
	public static void main(String[] arguments) {
		PrintStream out = System.out;
		System.setOut(System.err);
		ConfigurableApplicationContext context = new SpringApplicationBuilder(StartedService.class)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.run(arguments);
		out.println(ServiceStart.ofThisProcess(context.containsBean(LOCK_MANAGER)));
		System.exit(0);
	}

	@Bean
	Accounts accounts(JdbcTemplate jdbcTemplate) {
		return new Accounts(jdbcTemplate);
	}

	/** Uses the database from the start, as those do that check or migrate tables. */
	static class Accounts {

		private final JdbcTemplate jdbcTemplate;

		Accounts(JdbcTemplate jdbcTemplate) {
			this.jdbcTemplate = jdbcTemplate;
			ask();
		}

		@Transactional
		@CrossProcessLocked(key = "accounts")
		void ask() {
			this.jdbcTemplate.execute("select 1");
		}

	}

}
