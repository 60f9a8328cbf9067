package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.TickedTimeSource;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Failed;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.Unanswered;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What becomes of a batch that fails or is run again, with answers of the test. */
class BatchAcquireTests {

	private static final Limits LIMITS = Limits.of(Duration.ofMinutes(10));

	private final TickedTimeSource time = new TickedTimeSource();

	private final StubStatements statements = new StubStatements();

	private final StoreConnections connections = new StoreConnections(
			new ConnectionSource(DataSources.of(() -> new StubConnection().connection()), null, this.statements, LIMITS,
					this.time),
			this.statements, LIMITS, this.time);

	@AfterEach
	void close() {
		this.connections.close();
	}

	private List<AcquireResult> acquire(AcquireOrder... orders) {
		return this.connections.forKeys(() -> "acquire", "tables",
				(session) -> new BatchAcquire(this.statements, session, "mine", Long.MAX_VALUE,
						(order, ex) -> new Failed(order.key(), new LockStoreException("failed", ex, false)))
					.run(List.of(orders)));
	}

	private static AcquireOrder order(String key) {
		return new AcquireOrder(key, null, false);
	}

	@Test
	void whatWasGrantedBeforeTheTimeWasOverIsAnswered() {
		this.statements.acquiring = (orders) -> {
			if (orders.size() > 1) {
				throw new SQLException("one of them is bad", "22001");
			}
			// nothing more is sent from now on
			this.time.pass(LIMITS.call().plusNanos(1));
			this.connections.lookAfterAll();
			return List.of(new Granted(orders.get(0).key(), 1, null));
		};
		assertThat(acquire(order("a"), order("b"), order("c"))).satisfiesExactly(
				(a) -> assertThat(a).isInstanceOf(Granted.class), (b) -> assertThat(b).isInstanceOf(Failed.class),
				(c) -> assertThat(c).isInstanceOf(Failed.class));
	}

	@Test
	void whatWasGrantedIsAnsweredWhateverBecomesOfTheRest() {
		this.statements.acquiring = (orders) -> {
			if (orders.size() > 1) {
				throw new SQLException("one of them is bad", "22001");
			}
			if (orders.get(0).key().equals("b")) {
				throw new SQLException("no answer", "08006");
			}
			return List.of(new Granted(orders.get(0).key(), 1, null));
		};
		assertThat(acquire(order("a"), order("b"))).satisfiesExactly((a) -> assertThat(a).isInstanceOf(Granted.class),
				(b) -> assertThat(b).isInstanceOf(Unanswered.class));
	}

	@Test
	void whatIsCertainAfterTheEndOfASessionIsAnswered() {
		boolean[] ended = { false };
		this.statements.acquiring = (orders) -> {
			if (!ended[0]) {
				ended[0] = true;
				throw new SQLException("the session was ended", "57P01");
			}
			return List.of(new Granted("a", 2, null), new Busy(new KeyLook("b", "mine", 1, null)));
		};
		assertThat(acquire(order("a"), order("b"))).satisfiesExactly((a) -> assertThat(a).isInstanceOf(Granted.class),
				(b) -> assertThat(b).isInstanceOf(Unanswered.class));
	}

	@Test
	void aKeyThatIsKeptIsBusyWhateverTheSessionDidThatWasEnded() {
		Busy kept = new Busy(new KeyLook("a", null, 1, null, Duration.ofSeconds(1)));
		assertThat(acquireAfterTheEndOfASession(order("a"), kept)).containsExactly(kept);
	}

	@Test
	void aKeyOfADeadLeaseMayBeTakenAfterAll() {
		Busy locked = new Busy(new KeyLook("a", "dead", 1, null));
		Granted granted = new Granted("a", 2, null);
		assertThat(acquireAfterTheEndOfASession(new AcquireOrder("a", "dead", false), locked, granted))
			.containsExactly(granted);
	}

	private List<AcquireResult> acquireAfterTheEndOfASession(AcquireOrder order, AcquireResult... answers) {
		List<AcquireResult> left = new ArrayList<>(List.of(answers));
		boolean[] ended = { false };
		this.statements.acquiring = (orders) -> {
			if (!ended[0]) {
				ended[0] = true;
				throw new SQLException("the session was ended", "57P01");
			}
			return List.of(left.remove(0));
		};
		List<AcquireResult> results = acquire(order);
		assertThat(left).as("answers nobody asked for").isEmpty();
		return results;
	}

}
