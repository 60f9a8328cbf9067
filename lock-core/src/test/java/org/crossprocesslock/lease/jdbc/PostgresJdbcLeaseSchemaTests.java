package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** The tables in PostgreSQL. */
class PostgresJdbcLeaseSchemaTests extends JdbcLeaseSchemaContract {

	private static final DataSource DATABASE = EmbeddedPostgresServer.newDatabase();

	@Override
	DataSource database() {
		return DATABASE;
	}

	@Override
	DataSource withoutRights() {
		execute("do $$ begin create role guest login; exception when duplicate_object then null; end $$");
		execute("drop owned by guest");
		PGSimpleDataSource guest = new PGSimpleDataSource();
		guest.setUrl(((PGSimpleDataSource) DATABASE).getUrl());
		guest.setUser("guest");
		return guest;
	}

	/** What it says that it is, and all about the tables: a start waits for each. */
	@Test
	void startAsksTheDatabaseTwice() {
		JdbcLeaseSchema.of(database(), "twice_", null).createIfMissing();
		List<WatchedConnection> opened = new ArrayList<>();
		DataSource watched = DataSources.of(() -> {
			WatchedConnection connection = new WatchedConnection(database().getConnection());
			opened.add(connection);
			return connection.connection();
		});
		assertThat(JdbcLeaseSchema.of(watched, "twice_", null).condition().exists()).isTrue();
		assertThat(opened).singleElement().satisfies((connection) -> assertThat(connection.executed()).hasSize(2));
	}

	@Test
	void indexThatStopsNotEveryInsertIsNoKey() {
		execute(JdbcLeaseSchema.of(database(), "loose_", null).ddl().replace(" primary key", ""));
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(database(), "loose_", null);
		execute("create unique index on loose_lock (lock_key) where token > 5");
		execute("create unique index on loose_lock (lower(lock_key))");
		execute("alter table loose_lease add unique (lease_id) deferrable initially deferred");
		assertThat(schema.missingKeys()).hasSize(2);
		execute("create unique index on loose_lock (lock_key) include (token)");
		execute("create unique index on loose_lease (lease_id)");
		assertThat(schema.missingKeys()).isEmpty();
	}

	/** All keys would be free after a crash, while their holders still work. */
	@Test
	void tablesThatACrashEmptiesAreRefusedAndMendedByTheStatementThatIsShown() {
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(database(), "volatile_", null);
		schema.createIfMissing();
		execute("alter table volatile_lease set unlogged");
		execute("alter table volatile_lock set unlogged");
		List<String> missing = JdbcLeaseSchema.of(database(), "volatile_", null).condition().missingKeys();
		assertThat(missing).containsExactly(
				"alter table public.volatile_lease set logged /* instead of unlogged, which a crash empties */",
				"alter table public.volatile_lock set logged /* instead of unlogged, which a crash empties */");
		assertThatIllegalStateException()
			.isThrownBy(() -> JdbcLeaseStore.builder(database()).tablePrefix("volatile_").build())
			.withMessageContaining("survives a crash")
			.withMessageContaining(missing.get(0));
		missing.forEach(this::execute);
		assertThat(schema.missingKeys()).isEmpty();
	}

	@Test
	void temporaryTableIsRefused() throws Exception {
		try (Connection connection = database().getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("create temporary table brief_lock (lock_key text primary key)");
			assertThat(PostgresCatalog.survey(connection, new TableNames("brief_")).condition().missingKeys())
				.singleElement()
				.asString()
				.matches("drop table pg_temp_\\d+\\.brief_lock /\\* which is temporary, for one session \\*/");
		}
	}

	@Test
	void missingRightToUseTheSchemaIsFoundWhereverTheSchemaComesFrom() {
		PGSimpleDataSource guest = (PGSimpleDataSource) withoutRights();
		execute("create schema hidden");
		JdbcLeaseSchema.of(database(), "hidden.lock_", null).createIfMissing();
		execute("grant all on hidden.lock_lease, hidden.lock_lock to guest");
		JdbcLeaseSchema named = JdbcLeaseSchema.of(guest, "hidden.lock_", null);
		assertThat(named.missingGrants()).containsExactly("grant usage on schema hidden to guest");
		guest.setCurrentSchema("hidden,public");
		JdbcLeaseSchema searched = JdbcLeaseSchema.of(guest, "lock_", null);
		assertThat(searched.missingGrants()).containsExactly("grant usage on schema hidden to guest");
		execute(searched.missingGrants().get(0));
		assertThat(searched.missingGrants()).isEmpty();
		assertThat(searched.exists()).isTrue();
		assertThat(named.exists()).isTrue();
	}

	/** Rows that are hidden would pass for leases that are gone. */
	@Test
	void rowLevelSecurityIsFoundAndMendedByTheStatementThatIsShown() {
		DataSource guest = withoutRights();
		JdbcLeaseSchema.of(database(), "rows_", null).createIfMissing();
		execute("grant all on rows_lease, rows_lock to guest");
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(guest, "rows_", null);
		assertThat(schema.missingGrants()).isEmpty();
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(guest).schema(schema).build()) {
			execute("alter table rows_lease enable row level security");
			assertThatExceptionOfType(LockStoreException.class)
				.isThrownBy(() -> store.open("lease", "holder", Duration.ofSeconds(10)))
				.withMessageContaining("grant select, insert, update, delete on public.rows_lock, public.rows_lease")
				.withMessageContaining("or, if it has these rights, take away the row-level security of the tables")
				.satisfies((ex) -> assertThat(ex.isPermanent()).isTrue());
			assertThat(schema.missingGrants())
				.containsExactly("alter table public.rows_lease disable row level security");
			execute(schema.missingGrants().get(0));
			assertThat(schema.missingGrants()).isEmpty();
			store.open("lease", "holder", Duration.ofSeconds(10));
		}
		// the owner is not subject to it unless it is forced
		execute("alter table rows_lock enable row level security");
		assertThat(JdbcLeaseSchema.of(database(), "rows_", null).missingGrants()).isEmpty();
	}

}
