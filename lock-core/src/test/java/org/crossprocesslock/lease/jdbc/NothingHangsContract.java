package org.crossprocesslock.lease.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** A store behind a network that is as unkind as networks are. */
@Timeout(120)
abstract class NothingHangsContract {

	private static final Duration LEASE = Duration.ofSeconds(8);

	private final String lease = UUID.randomUUID().toString();

	/** The port of the database's server. */
	abstract int serverPort() throws Exception;

	/**
	 * An unpooled DataSource of the database, reached through the port, without limits.
	 */
	abstract DataSource through(int port);

	private JdbcLeaseStore store(StallingProxy proxy) throws Exception {
		JdbcLeaseSchema.of(through(serverPort()), JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		DataSource database = through(proxy.port());
		JdbcLeaseStore store = JdbcLeaseStore.builder(database).leaseDuration(LEASE).ownConnections(database).build();
		store.open(this.lease, "holder", Duration.ofMinutes(1));
		acquire(store, "before");
		return store;
	}

	private void acquire(JdbcLeaseStore store, String key) {
		assertThat(store.acquire(this.lease, Long.MAX_VALUE,
				List.of(new AcquireOrder(key + "-" + this.lease, null, false))))
			.hasSize(1);
	}

	/** One of its connections may be met that broke while nobody used it. */
	private void untilItAcquires(JdbcLeaseStore store, String key) throws InterruptedException {
		Eventually.until("it acquires " + key, () -> {
			try {
				acquire(store, key);
				return true;
			}
			catch (LockStoreException ex) {
				assertThat(ex.isPermanent()).isFalse();
				return false;
			}
		});
	}

	private boolean renews(JdbcLeaseStore store) {
		try {
			return store.renew(this.lease).isPresent();
		}
		catch (LockStoreException ex) {
			assertThat(ex.isPermanent()).isFalse();
			return false;
		}
	}

	@Test
	void newConnectionsThatAreNeverAnsweredAreNotWaitedForOnceOthersAre() throws Exception {
		try (StallingProxy proxy = StallingProxy.of(serverPort()); JdbcLeaseStore store = store(proxy)) {
			for (boolean afterFirstAnswer : List.of(false, true)) {
				proxy.swallowNewConnections(afterFirstAnswer);
				proxy.cut();
				int before = proxy.swallowed();
				Eventually.until("several were swallowed", () -> !renews(store) && proxy.swallowed() >= before + 2);
				proxy.stopSwallowing();
				Eventually.until("the lease is renewed on a fresh one", () -> renews(store));
				untilItAcquires(store, "after-" + afterFirstAnswer);
			}
		}
	}

	@Test
	void callsThatAreNeverAnsweredHoldUpNoOtherAndNotTheClose() throws Exception {
		try (StallingProxy proxy = StallingProxy.of(serverPort())) {
			JdbcLeaseStore store = store(proxy);
			proxy.stall();
			List<Background<Boolean>> hanging = List.of(Background.call(() -> renews(store)),
					Background.call(() -> looks(store)));
			Eventually.until("both hang", () -> proxy.heldBack() >= 2);
			// their callers have given them up: others come
			long started = System.nanoTime();
			assertThat(renews(store)).isFalse();
			proxy.resume();
			Eventually.until("a later one is answered", () -> renews(store));
			untilItAcquires(store, "after");
			proxy.stall();
			Background<Boolean> closer = Background.call(() -> {
				store.close();
				return true;
			});
			assertThat(closer.join()).isTrue();
			assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(60));
			assertThat(renews(store)).isFalse();
			proxy.resume();
			for (Background<Boolean> each : hanging) {
				each.join();
			}
		}
	}

	private boolean looks(JdbcLeaseStore store) {
		try {
			store.look(List.of("before"));
			return true;
		}
		catch (LockStoreException ex) {
			return false;
		}
	}

	@Test
	void closeReturnsWhileACallIsUnderWayThatIsNeverAnswered() throws Exception {
		try (StallingProxy proxy = StallingProxy.of(serverPort())) {
			JdbcLeaseStore store = store(proxy);
			proxy.stall();
			Background<Boolean> hanging = Background.call(() -> looks(store));
			Eventually.until("it hangs", () -> proxy.heldBack() >= 1);
			long started = System.nanoTime();
			store.close();
			assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started)).isLessThan(10);
			proxy.cut();
			assertThat(hanging.join()).isFalse();
		}
	}

}
