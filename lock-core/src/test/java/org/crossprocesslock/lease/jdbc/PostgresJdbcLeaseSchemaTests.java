package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;

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

}
