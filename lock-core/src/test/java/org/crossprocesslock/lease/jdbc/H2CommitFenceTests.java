package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.crossprocesslock.Eventually;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

/** The fence on H2 in memory. */
class H2CommitFenceTests extends CommitFenceContract {

	private static final DataSource DATABASE = patient();

	/** Waits for rows for as long as a test may take. */
	private static DataSource patient() {
		JdbcDataSource dataSource = H2JdbcLeaseStoreTests.inMemory();
		dataSource.setURL(dataSource.getURL() + ";LOCK_TIMEOUT=" + Eventually.LIMIT.toMillis());
		return dataSource;
	}

	@Override
	DataSource database() {
		return DATABASE;
	}

	@Override
	public boolean refusesAStaleSnapshot(Isolation isolation) {
		return isolation == Isolation.SNAPSHOT || isolation == Isolation.SERIALIZABLE;
	}

	@Override
	public String countOfWaitingSessions() {
		return "select count(*) from information_schema.sessions where blocker_id is not null";
	}

	@Test
	void heartbeatsAndOtherKeysDoNotFailACommitOfASnapshot() throws Exception {
		heartbeatsAndOtherKeysDoNotFailACommit(Isolation.SNAPSHOT);
	}

	@Test
	void snapshotThatWasReadBeforeItsKeyWasTakenDoesNotCommit() throws Exception {
		transactionThatReadBeforeItsKeyWasTakenDoesNotCommit(Isolation.SNAPSHOT);
	}

	@Test
	void snapshotThatWasReadAfterItsKeyWasTakenDoesNotCommit() throws Exception {
		transactionThatBeganAfterItsKeyWasTakenDoesNotCommit(Isolation.SNAPSHOT);
	}

}
