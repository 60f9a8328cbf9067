package org.crossprocesslock.autoconfigure;

import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link UnreachableDatabase}.
 */
class UnreachableDatabaseTests {

	/** A service that nobody has run for decades, on a port that nobody else is given. */
	private static final int NOBODYS_PORT = 1;

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, LockAutoConfiguration.class))
		.withPropertyValues("spring.datasource.hikari.connection-timeout=250");

	@ParameterizedTest
	@ValueSource(strings = { "com.zaxxer.hikari.HikariDataSource",
			"org.springframework.jdbc.datasource.SimpleDriverDataSource" })
	void databaseThatIsNotThereIsExplained(String type) {
		this.contextRunner
			.withPropertyValues("spring.datasource.type=" + type, "spring.datasource.username=shop",
					"spring.datasource.url=jdbc:h2:tcp://localhost:" + NOBODYS_PORT + "/~/shop;PASSWORD=geheim")
			.run((context) -> {
				RefusedStartException refusal = refusal(context.getStartupFailure());
				assertThat(refusal.getDescription()).contains("DataSource [dataSource]")
					.contains("jdbc:h2:tcp://localhost:" + NOBODYS_PORT + "/~/shop.")
					.containsIgnoringCase("refused")
					.doesNotContain("geheim");
				assertThat(refusal.getAction()).startsWith("Check that the database is running");
			});
	}

	@Test
	void wrongPasswordIsExplained() {
		String url = "jdbc:h2:mem:unreachable;DB_CLOSE_DELAY=-1";
		this.contextRunner
			.withPropertyValues("spring.datasource.url=" + url, "spring.datasource.username=sa",
					"spring.datasource.password=right")
			.run((right) -> this.contextRunner
				.withPropertyValues("spring.datasource.url=" + url, "spring.datasource.username=sa",
						"spring.datasource.password=geheim")
				.run((context) -> {
					RefusedStartException refusal = refusal(context.getStartupFailure());
					assertThat(refusal.getDescription()).contains("Wrong user name or password")
						.contains("jdbc:h2:mem:unreachable.")
						.doesNotContain("geheim");
					assertThat(refusal.getAction()).startsWith("Check the user, the password");
				}));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			at jdbc:postgresql://u:p@host/db?x=y      | at jdbc:postgresql://host/db
			at jdbc:postgresql://u:p@ss/w@host:5/db   | at jdbc:postgresql://host:5/db
			at jdbc:oracle:thin:scott/tiger@host:1/x  | at jdbc:oracle:thin:host:1/x
			at jdbc:h2:mem:x;PASSWORD=p;USER=u, then  | at jdbc:h2:mem:x then
			at jdbc:mysql://u:p;ss@host/db?x=y        | at jdbc:mysql://...
			at jdbc:mysql://u:p?ss@host/db            | at jdbc:mysql://...
			at jdbc:h2:mem:x;PASSWORD=p@ss            | at jdbc:h2:mem:...
			at jdbc:mysql://(host=h,password=p)/db    | at jdbc:mysql://...
			at jdbc:mysql://address=(host=h)(PASSWORD=p)/db?x=y | at jdbc:mysql://...
			at jdbc:h2:tcp://host/~/x                 | at jdbc:h2:tcp://host/~/x
			why? because; mail a@b.c                  | why? because; mail a@b.c
			""")
	void secretsAreLeftOut(String text, String said) {
		assertThat(UnreachableDatabase.withoutSecrets(text)).isEqualTo(said);
	}

	@Test
	void secretWithBlanksIsLeftOut() {
		String url = "jdbc:h2:file:~/x;CIPHER=AES;PASSWORD=of-file of-user";
		assertThat(UnreachableDatabase.withoutSecrets("no " + url + ", at " + url, url))
			.isEqualTo("no jdbc:h2:file:~/x, at jdbc:h2:file:~/x");
	}

	private static RefusedStartException refusal(@Nullable Throwable failure) {
		Throwable cause = Objects.requireNonNull(failure);
		while (!(cause instanceof RefusedStartException)) {
			cause = Objects.requireNonNull(cause.getCause());
		}
		return (RefusedStartException) cause;
	}

}
