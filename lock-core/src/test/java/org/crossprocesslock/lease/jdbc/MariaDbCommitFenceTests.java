package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The fence on MariaDB. */
@OnServer(TestServer.MARIADB_11_4)
class MariaDbCommitFenceTests extends MySqlCommitFenceContract {

	private static final DataSource DATABASE = ServerAccess.MARIADB.newDatabase();

	@Override
	DataSource database() {
		return DATABASE;
	}

	/** What users can set for a pool; MySQL has nothing like it. */
	@Test
	void sessionThatStopsBetweenCheckAndCommitIsEndedWhereThatIsSet() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		try (Connection connection = scene.connect()) {
			FenceScene.run(connection, "set idle_transaction_timeout = 2");
			connection.setAutoCommit(false);
			// it need not have written
			long checked = System.nanoTime();
			FencedCommit commit = scene.fence().check(connection, List.of(guard));
			try (LockGuard next = scene.takeFromHolder(scene.key())) {
				assertThat(Duration.ofNanos(System.nanoTime() - checked)).isGreaterThan(Duration.ofSeconds(1));
				assertThat(next.fencingToken()).isGreaterThan(guard.fencingToken());
			}
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> scene.write(connection, "too late"));
			commit.close();
		}
		assertThat(scene.written()).isEmpty();
	}

}
