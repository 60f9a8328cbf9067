package org.crossprocesslock.autoconfigure;

import java.util.Map;
import java.util.Properties;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link UnpooledDataSource}.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnpooledDataSourceTests {

	private final HikariDataSource pool = new HikariDataSource();

	UnpooledDataSourceTests() {
		this.pool.setJdbcUrl("jdbc:h2:mem:unpooled;DB_CLOSE_DELAY=-1");
		this.pool.setUsername("sa");
		this.pool.setPassword("");
	}

	@AfterEach
	void close() {
		this.pool.close();
	}

	@Test
	void poolIsLeftOut() {
		DataSource unpooled = UnpooledDataSource.derivedFrom(this.pool);
		assertThat(unpooled).isInstanceOf(SimpleDriverDataSource.class);
		assertThat(this.pool.isRunning()).isFalse();
	}

	@Test
	void poolIsFoundBehindProxies() {
		DataSource proxied = new TransactionAwareDataSourceProxy(new LazyConnectionDataSourceProxy(this.pool));
		assertThat(UnpooledDataSource.derivedFrom(proxied)).isInstanceOf(SimpleDriverDataSource.class);
	}

	@Test
	void connectionPropertiesAndSchemaOfThePoolAreKept() {
		this.pool.setSchema("INFORMATION_SCHEMA");
		this.pool.addDataSourceProperty("DATABASE_TO_UPPER", "true");
		DataSource unpooled = UnpooledDataSource.derivedFrom(this.pool);
		assertThat(unpooled).isInstanceOfSatisfying(SimpleDriverDataSource.class, (simple) -> {
			assertThat(simple.getSchema()).isEqualTo("INFORMATION_SCHEMA");
			Properties properties = new Properties();
			properties.setProperty("DATABASE_TO_UPPER", "true");
			assertThat(simple.getConnectionProperties()).isEqualTo(properties);
		});
	}

	@Test
	void poolThatPreparesConnectionsIsBorrowedFrom(CapturedOutput output) {
		this.pool.setConnectionInitSql("set schema public");
		isBorrowedFrom(this.pool, output, "SQL of its own");
	}

	@Test
	void embeddedDatabaseIsBorrowedFrom(CapturedOutput output) {
		EmbeddedDatabase database = new EmbeddedDatabaseBuilder().setType(EmbeddedDatabaseType.H2)
			.generateUniqueName(true)
			.build();
		isBorrowedFrom(database, output, "embedded");
		database.shutdown();
	}

	@Test
	void routingDataSourceIsBorrowedFrom(CapturedOutput output) {
		AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {

			@Override
			protected Object determineCurrentLookupKey() {
				return "a";
			}

		};
		routing.setTargetDataSources(Map.of("a", this.pool));
		routing.afterPropertiesSet();
		isBorrowedFrom(routing, output, "routes");
	}

	@Test
	void poolOfAnUnknownKindIsBorrowedFrom(CapturedOutput output) {
		HikariDataSource withoutUrl = new HikariDataSource();
		withoutUrl.setDataSource(new DriverManagerDataSource("jdbc:h2:mem:unpooled", "sa", ""));
		isBorrowedFrom(withoutUrl, output, "does not tell its URL");
		withoutUrl.close();
	}

	@Test
	void onlyWhatBindsToTransactionsIsTakenOff() {
		DataSource other = new DriverManagerDataSource();
		assertThat(UnpooledDataSource.withoutTransactions(other)).isSameAs(other);
		assertThat(UnpooledDataSource
			.withoutTransactions(new LazyConnectionDataSourceProxy(new TransactionAwareDataSourceProxy(other))))
			.isSameAs(other);
	}

	private static void isBorrowedFrom(DataSource dataSource, CapturedOutput output, String reason) {
		assertThat(UnpooledDataSource.derivedFrom(dataSource)).isNull();
		assertThat(output).containsOnlyOnce("Locks borrow their connections").contains(reason);
	}

}
