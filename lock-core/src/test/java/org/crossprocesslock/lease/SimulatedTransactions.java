package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.lease.LeaseMachine.CommitStart;
import org.jspecify.annotations.Nullable;

/**
 * The fenced transactions of one process. Each begins after its guard was granted, reads,
 * takes its time, checks the fence, takes its time again and commits, wherever the guard
 * may be by then. Its statements travel like all others; without an answer to one of them
 * nobody knows the outcome, and the database ends the transaction some time later.
 */
final class SimulatedTransactions {

	private static final long LIMIT = Simulation.ANSWER_LIMIT.toNanos();

	private static final Duration LONGEST_WORK = Duration.ofSeconds(3);

	private static final Duration SOON = Duration.ofMillis(20);

	/** How long a database may take to find that a client is gone, or idle for long. */
	private static final Duration SESSION_LIMIT = Simulation.OPTIONS.leaseDuration();

	private final Simulation simulation;

	private final SimulatedProcess process;

	/** Those that the process goes on with. */
	private final Set<SimulatedTransaction> open = new LinkedHashSet<>();

	/** Those in commit. */
	private final Map<SimulatedTransaction, GuardInCommit> inCommit = new LinkedHashMap<>();

	/** Those that the process knows no more of, but the database perhaps does. */
	private final List<SimulatedTransaction> abandoned = new ArrayList<>();

	SimulatedTransactions(Simulation simulation, SimulatedProcess process) {
		this.simulation = simulation;
		this.process = process;
	}

	int open() {
		return this.open.size();
	}

	/** Transactions under a guard, which may begin before the grant by mistake only. */
	void granted(SimulatedRequest request) {
		int most = !this.simulation.hasTransactions ? 0 : this.simulation.chance(0.6) ? 1 : 2;
		for (int i = 0; i < most; i++) {
			if (this.simulation.chance(0.7)) {
				Duration latest = this.simulation.chance(0.7) ? SOON : LONGEST_WORK;
				SimulatedTransaction transaction = new SimulatedTransaction(this.simulation, request);
				this.process.inThisLife(this.simulation.between(Duration.ZERO, latest), () -> begin(transaction));
			}
		}
	}

	private void begin(SimulatedTransaction transaction) {
		Holding hold = transaction.hold();
		if (hold.closed || !this.simulation.faults) {
			return;
		}
		this.open.add(transaction);
		exchange(() -> transaction.read(this.process.sabotage.readsBeforeTheGrant()
				? transaction.request().commitsBefore : this.simulation.invariants.commits(hold.grant().key.name)),
				(answer) -> {
					if (answer == null) {
						abandon(transaction);
					}
					else {
						afterWork(() -> check(transaction));
					}
				});
	}

	private void check(SimulatedTransaction transaction) {
		if (this.process.sabotage.marksCommits()) {
			CommitStart start = begin(transaction, transaction.request().guard());
			if (start != CommitStart.BEGUN && !this.process.sabotage.commitsAfter(start)) {
				rollBack(transaction);
				return;
			}
		}
		if (this.simulation.chance(0.3)) {
			this.process.callers.closeIn(transaction.request(), SOON);
		}
		this.process.misfortunes.strikeInCommit();
		// at once, unless the process is paused now
		this.process.act(() -> exchange(transaction::check, (valid) -> checked(transaction, valid)));
	}

	private CommitStart begin(SimulatedTransaction transaction, LockGuard guard) {
		try {
			this.inCommit.put(transaction, GuardInCommit.begin(this.process.store(), guard));
			this.simulation.invariants.commitBegun(transaction.hold());
			return CommitStart.BEGUN;
		}
		catch (LockLostException ex) {
			return CommitStart.LOST;
		}
		catch (IllegalStateException ex) {
			return CommitStart.CLOSED;
		}
	}

	private void checked(SimulatedTransaction transaction, @Nullable Boolean valid) {
		if (valid == null) {
			abandon(transaction);
		}
		else if (!valid) {
			GuardInCommit commit = this.inCommit.get(transaction);
			if (commit != null) {
				LockLostException unused = commit.taken();
			}
			rollBack(transaction);
		}
		else {
			if (this.simulation.chance(0.5)) {
				this.simulation.after(SESSION_LIMIT.toNanos(), transaction::end);
			}
			this.process.misfortunes.strikeInCommit();
			afterWork(() -> commit(transaction));
		}
	}

	private void commit(SimulatedTransaction transaction) {
		if (this.simulation.chance(0.1)) {
			rollBack(transaction);
			return;
		}
		exchange(transaction::commit, (committed) -> {
			if (committed == null || !committed) {
				abandon(transaction);
			}
			else {
				over(transaction, true);
			}
		});
	}

	private void rollBack(SimulatedTransaction transaction) {
		exchange(transaction::end, (rolledBack) -> {
			if (rolledBack == null || !rolledBack) {
				abandon(transaction);
			}
			else {
				over(transaction, true);
			}
		});
	}

	private void abandon(SimulatedTransaction transaction) {
		leave(transaction);
		over(transaction, false);
	}

	private void over(SimulatedTransaction transaction, boolean known) {
		this.open.remove(transaction);
		GuardInCommit commit = this.inCommit.remove(transaction);
		if (commit != null) {
			this.simulation.invariants.commitEnded(transaction.hold());
			commit.end(this.process.sabotage.knownOutcome(known));
		}
	}

	/** The database finds out by itself. */
	private void leave(SimulatedTransaction transaction) {
		this.abandoned.add(transaction);
		Duration longest = !this.simulation.faults ? SOON : this.simulation.chance(0.5) ? SOON : SESSION_LIMIT;
		this.simulation.after(this.simulation.between(Duration.ZERO, longest), transaction::end);
	}

	/** The process is gone. */
	void forgetAll() {
		this.open.forEach(this::leave);
		this.open.clear();
		this.inCommit.clear();
	}

	/** The database finds all clients that are gone. */
	void heal() {
		this.abandoned.forEach(SimulatedTransaction::end);
		this.abandoned.clear();
	}

	private void afterWork(Runnable next) {
		boolean longer = this.simulation.fault(0.3);
		this.process.inThisLife(this.simulation.between(Duration.ZERO, longer ? LONGEST_WORK : SOON), next);
	}

	/** Sends a statement; the answer is {@code null} if none comes. */
	private void exchange(BooleanSupplier statement, Consumer<@Nullable Boolean> heard) {
		boolean cutOff = this.process.network.isCutOff();
		Weather weather = this.simulation.weather;
		boolean lostRequest = this.simulation.fault(cutOff ? 0.6 : weather.loss() / 2);
		// likelier than elsewhere: nothing is as awkward as a commit whose answer is lost
		boolean lostAnswer = this.simulation.fault(cutOff ? 0.9 : 2 * weather.loss());
		boolean noticedEarly = this.simulation.chance(0.5);
		boolean late = this.simulation.fault(lostAnswer && noticedEarly ? 0.7 : weather.slowness());
		if (!lostRequest) {
			int life = this.process.life();
			this.simulation.after(travel(late), () -> {
				boolean answer = statement.getAsBoolean();
				if (!lostAnswer && this.process.lives(life)) {
					this.process.inThisLife(travel(false), () -> heard.accept(answer));
				}
			});
		}
		if (lostRequest || lostAnswer) {
			this.process.inThisLife(travel(!noticedEarly), () -> heard.accept(null));
		}
	}

	private long travel(boolean slowly) {
		return slowly ? this.simulation.random.nextLong(LIMIT)
				: this.simulation.between(Duration.ofNanos(50_000), Duration.ofMillis(5));
	}

}
