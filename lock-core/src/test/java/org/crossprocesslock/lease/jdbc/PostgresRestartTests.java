package org.crossprocesslock.lease.jdbc;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;

import javax.sql.DataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LeaseReport;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.ServerPort;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A server that is stopped and started again while locks are held and waited for. */
@Timeout(120)
class PostgresRestartTests {

	/** Long, so that a slow start of the server costs no lock. */
	private static final Duration LEASE = Duration.ofSeconds(60);

	private static EmbeddedPostgres start(Path directory, int port) throws IOException {
		return EmbeddedPostgres.builder()
			.setServerConfig("fsync", "off")
			.setDataDirectory(directory)
			.setCleanDataDirectory(false)
			.setPort(port)
			.start();
	}

	private static LockManager manager(DataSource database) {
		JdbcLeaseStore store = JdbcLeaseStore.builder(database).ownConnections(database).leaseDuration(LEASE).build();
		return new LeaseLockManager(store, LeaseOptions.defaults().withLease(LEASE, Duration.ofSeconds(1)), "restart",
				new LockListener() {
				});
	}

	@Test
	void allGoesOnWithoutAnybodyDoingAnything(@TempDir Path directory) throws Exception {
		int port = ServerPort.choose();
		EmbeddedPostgres server = start(directory.resolve("data"), port);
		try {
			DataSource database = server.getPostgresDatabase();
			JdbcLeaseSchema.of(database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
			try (LockManager holder = manager(database); LockManager other = manager(database)) {
				LockGuard held = holder.lock("key", Eventually.LIMIT);
				other.lock("another", Eventually.LIMIT).close();
				untilBothListen(holder, other);
				String lease = lease(holder).id();
				Background<LockGuard> waiter = Background.call(() -> other.lock("key", Eventually.LIMIT))
					.untilItWaits();
				server.close();
				Background<LockGuard> askedWhileItIsDown = Background
					.call(() -> holder.lock("asked", Eventually.LIMIT));
				server = start(directory.resolve("data"), port);
				askedWhileItIsDown.join().close();
				held.checkHeld();
				assertThat(waiter.isDone()).isFalse();
				held.close();
				waiter.join().close();
				// those of before have ended with the server
				Eventually.until("both have a connection of their own", () -> ownConnections(database) >= 2);
				untilBothListen(holder, other);
				assertThat(lease(holder).id()).isEqualTo(lease);
			}
		}
		finally {
			server.close();
		}
	}

	private static void untilBothListen(LockManager... managers) throws InterruptedException {
		for (LockManager manager : managers) {
			Eventually.until("listens, on a connection of its own",
					() -> lease(manager).listening() && Boolean.TRUE.equals(lease(manager).ownConnections()));
		}
	}

	private static LeaseReport lease(LockManager manager) {
		return Objects.requireNonNull(manager.inspection().orElseThrow().report(0).lease());
	}

	private static int ownConnections(DataSource database) {
		try (Connection connection = database.getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("""
						select count(*) from pg_stat_activity
						where application_name like 'cross-process-lock%'""")) {
			row.next();
			return row.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
