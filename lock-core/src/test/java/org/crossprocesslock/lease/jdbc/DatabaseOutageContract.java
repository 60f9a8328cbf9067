package org.crossprocesslock.lease.jdbc;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** A database that does not answer for a while, neither to statements nor to connects. */
@Timeout(120)
abstract class DatabaseOutageContract {

	/** The port of the database's server. */
	abstract int serverPort() throws Exception;

	/** An unpooled DataSource of the database, reached through the port. */
	abstract DataSource through(int port);

	private LockManager newManager(int port, LeaseOptions options) {
		DataSource database = through(port);
		JdbcLeaseStore store = JdbcLeaseStore.builder(database)
			.leaseDuration(options.leaseDuration())
			.ownConnections(database)
			.build();
		return new LeaseLockManager(store, options, "outage", new LockListener() {
		});
	}

	private LockManager newManager(int port, Duration leaseDuration) {
		return newManager(port, LeaseOptions.defaults().withLeaseDuration(leaseDuration));
	}

	/** Of a process that the outage has not cut off, nor does a short lease. */
	private LockManager another() throws Exception {
		return newManager(serverPort(), LeaseOptions.defaults());
	}

	/** With a lease so short that a busy machine costs the next guard too. */
	private static void untilItWorks(LockManager manager, String key) throws InterruptedException {
		Eventually.until("it locks " + key + " again", () -> {
			try {
				manager.lock(key, Eventually.LIMIT).close();
				return true;
			}
			catch (LockLostException ex) {
				return false;
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	private StallingProxy proxy() throws Exception {
		int port = serverPort();
		JdbcLeaseSchema.of(through(port), JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		return StallingProxy.of(port);
	}

	@Test
	void anOutageShorterThanTheLeaseCostsNoGuard() throws Exception {
		Duration lease = Duration.ofSeconds(6);
		LeaseOptions options = LeaseOptions.defaults().withLease(lease, lease.dividedBy(12));
		try (StallingProxy proxy = proxy();
				LockManager manager = newManager(proxy.port(), options);
				LockGuard guard = manager.lock("short-outage", Eventually.LIMIT)) {
			proxy.stall();
			Background<LockGuard> waiter = Background
				.call(() -> manager.lock("asked-during-the-outage", Eventually.LIMIT));
			// long enough for statements and connects to run into their limits
			Thread.sleep(lease.dividedBy(3).toMillis());
			assertThat(waiter.isDone()).isFalse();
			proxy.resume();
			waiter.join().close();
			// past the end of the lease as it was when the outage began
			Thread.sleep(lease.multipliedBy(2).dividedBy(3).toMillis());
			guard.checkHeld();
		}
	}

	@Test
	void anOutageLongerThanTheLeaseCostsEveryGuardWhileTheDatabaseIsStillGone() throws Exception {
		Duration lease = Duration.ofSeconds(1);
		try (StallingProxy proxy = proxy();
				LockManager manager = newManager(proxy.port(), lease);
				LockManager another = another()) {
			LockGuard guard = manager.lock("long-outage", Eventually.LIMIT);
			CountDownLatch told = new CountDownLatch(1);
			guard.onLost(told::countDown);
			proxy.stall();
			// what was renewed before the outage is over a lease duration later
			Thread.sleep(lease.toMillis());
			assertThat(guard.isHeld()).isFalse();
			assertThat(told.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
			proxy.resume();
			untilItWorks(manager, "long-outage");
			try (LockGuard next = another.lock("long-outage", Eventually.LIMIT)) {
				assertThat(next.fencingToken()).isGreaterThan(guard.fencingToken());
				next.checkHeld();
			}
		}
	}

	@Test
	void anotherProcessTakesTheKeyOverDuringTheOutage() throws Exception {
		Duration lease = Duration.ofSeconds(1);
		try (StallingProxy proxy = proxy();
				LockManager cutOff = newManager(proxy.port(), lease);
				LockManager other = another()) {
			LockGuard lost = cutOff.lock("taken-over", Eventually.LIMIT);
			proxy.stall();
			try (LockGuard guard = other.lock("taken-over", Eventually.LIMIT)) {
				assertThat(lost.isHeld()).isFalse();
				assertThat(guard.fencingToken()).isGreaterThan(lost.fencingToken());
				proxy.resume();
				assertThatExceptionOfType(LockLostException.class).isThrownBy(lost::close);
				// the other one's key is none of its business when it is back
				untilItWorks(cutOff, "something-else");
				guard.checkHeld();
			}
			untilItWorks(cutOff, "taken-over");
		}
	}

	@Test
	void aManagerCanBeClosedDuringTheOutage() throws Exception {
		try (StallingProxy proxy = proxy()) {
			LockManager manager = newManager(proxy.port(), Duration.ofSeconds(1));
			LockGuard guard = manager.lock("closed-during-the-outage", Eventually.LIMIT);
			proxy.stall();
			Background<Boolean> closer = Background.call(() -> {
				manager.close();
				return true;
			});
			assertThat(closer.join()).isTrue();
			assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
		}
	}

}
