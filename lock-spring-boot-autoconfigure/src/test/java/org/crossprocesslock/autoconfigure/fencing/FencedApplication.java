package org.crossprocesslock.autoconfigure.fencing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.autoconfigure.LockLostEvent;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * An application whose data and locks are in one H2 database, and what another process
 * does to that database.
 */
final class FencedApplication {

	private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

	/** Past the application's connections. */
	final JdbcTemplate elsewhere = new JdbcTemplate(new DriverManagerDataSource(this.url));

	final RecordedDataSource dataSource = new RecordedDataSource(new DriverManagerDataSource(this.url));

	final Losses losses = new Losses();

	FencedApplication() {
		this.elsewhere.execute("create table work (id int primary key)");
	}

	ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class, FencingAutoConfiguration.class,
					CrossProcessLockedAutoConfiguration.class, TransactionAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class))
			.withBean("dataSource", DataSource.class, () -> this.dataSource)
			.withBean(JdbcTemplate.class, () -> new JdbcTemplate(this.dataSource))
			.withBean(Losses.class, () -> this.losses)
			// soon told of a loss, and not lost because the machine stands still
			.withPropertyValues("cross-process-lock.jdbc.lease.duration=60s",
					"cross-process-lock.jdbc.lease.renew-interval=200ms");
	}

	/**
	 * What another process does to a key whose holder it takes for dead. The application
	 * does not notice, as its lease goes on.
	 */
	void anotherProcessTakes(String key) {
		int taken = this.elsewhere
			.update("update cross_process_lock set lease_id = 'another', token = token + 1000 where lock_key = ?", key);
		if (taken != 1) {
			throw new IllegalStateException("Key '" + key + "' was not held");
		}
	}

	/** Writes in the transaction of this thread. */
	void insert(int id) {
		new JdbcTemplate(this.dataSource).update("insert into work values (?)", id);
	}

	/** The token of the acquisition, that guards which were handed on share. */
	long tokenOf(String key) {
		return Objects.requireNonNull(this.elsewhere
			.queryForObject("select token from cross_process_lock where lock_key = ?", Long.class, key));
	}

	List<Integer> rows() {
		return this.elsewhere.queryForList("select id from work order by id", Integer.class);
	}

	/** The losses that the application was told. */
	static final class Losses {

		final List<LockLostEvent> events = new CopyOnWriteArrayList<>();

		@EventListener
		void lost(LockLostEvent event) {
			this.events.add(event);
		}

	}

	/** Records the statements of each thread. */
	static final class RecordedDataSource extends DelegatingDataSource {

		private record Prepared(String thread, String sql) {

		}

		private final List<Prepared> prepared = new CopyOnWriteArrayList<>();

		private volatile @Nullable Thread failing;

		private volatile @Nullable Thread inSchema;

		private volatile @Nullable String schema;

		RecordedDataSource(DataSource target) {
			super(target);
		}

		/** What this thread has prepared. */
		List<String> ofThisThread() {
			String thread = Thread.currentThread().getName();
			return this.prepared.stream().filter((each) -> each.thread().equals(thread)).map(Prepared::sql).toList();
		}

		/**
		 * Has connections that this thread takes lead into a schema, as those of a tenant
		 * do.
		 */
		void setSchemaOfThisThread(String schema) {
			this.schema = schema;
			this.inSchema = Thread.currentThread();
		}

		/** Has the next commit of this thread fail. */
		void failCommitOfThisThread() {
			this.failing = Thread.currentThread();
		}

		void clear() {
			this.prepared.clear();
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			if (Thread.currentThread() == this.inSchema) {
				connection.setSchema(this.schema);
			}
			return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
					(proxy, method, args) -> {
						if (method.getName().equals("prepareStatement")) {
							this.prepared.add(new Prepared(Thread.currentThread().getName(), (String) args[0]));
						}
						if (method.getName().equals("commit") && Thread.currentThread() == this.failing) {
							this.failing = null;
							throw new SQLException("The connection broke", "08006");
						}
						try {
							return method.invoke(connection, args);
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					});
		}

	}

}
