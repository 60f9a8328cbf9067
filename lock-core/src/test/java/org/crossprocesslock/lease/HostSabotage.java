package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;

import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.LeaseMachine.CommitStart;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.jspecify.annotations.Nullable;

/**
 * Breaks the protocol in one process: in what it sends, what it makes of answers, and
 * what time it takes it to be.
 */
abstract class HostSabotage extends Sabotage {

	/** An operator releases a row whose guards hear nothing of it. */
	static final class ReleasesUnderItsGuards extends HostSabotage {

		@Override
		boolean releasesUnderItsGuards() {
			return true;
		}

	}

	/** The deadline counts from the answer to a renewal instead of from its sending. */
	static final class CountsFromTheAnswer extends HostSabotage {

		private @Nullable String session;

		@Override
		Answer heard(Command command, Answer answer, long tookNanos) {
			boolean slow = tookNanos > Simulation.OPTIONS.renewInterval().multipliedBy(5).dividedBy(4).toNanos();
			if (slow && command instanceof Command.Renew && answer instanceof Answer.Kept kept) {
				// the next renewal, which the machine sends at once, stands for this one
				this.session = kept.kept().session();
				return new Answer.NoAnswer(Answer.NoAnswer.about("renewal"));
			}
			return answer;
		}

		@Override
		@Nullable Answer insteadOfSending(Command command) {
			String session = (command instanceof Command.Renew) ? this.session : null;
			this.session = null;
			return (session != null) ? new Answer.Kept(new LeaseStore.Kept(0, session, 1)) : null;
		}

	}

	/** The answer to a renewal is handled as if it had come before the deadline. */
	static final class RevivesLateRenewals extends HostSabotage {

		private @Nullable Instants last;

		private @Nullable Instants sent;

		private boolean late;

		@Override
		Command sent(Command command) {
			if (command instanceof Command.Renew) {
				this.sent = this.last;
			}
			return command;
		}

		@Override
		Answer heard(Command command, Answer answer, long tookNanos) {
			this.late = command instanceof Command.Renew;
			return answer;
		}

		@Override
		Instants told(Instants now) {
			if (this.late && this.sent != null) {
				this.late = false;
				return this.sent;
			}
			this.last = now;
			return now;
		}

	}

	/** A renewal that was not answered counts as done. */
	static final class TrustsLostRenewals extends HostSabotage {

		@Override
		Answer heard(Command command, Answer answer, long tookNanos) {
			return (command instanceof Command.Renew && answer instanceof Answer.NoAnswer)
					? new Answer.Kept(new LeaseStore.Kept(0, "", 1)) : answer;
		}

	}

	/** The clock runs slower than the margin allows for. */
	static final class HasNoMargin extends HostSabotage {

		@Override
		double clockRate(double drawn) {
			return drawn * 0.85;
		}

	}

	/** Keys are asked for before the lease is known to be open. */
	static final class AcquiresBeforeOpen extends HostSabotage {

		@Override
		boolean isAnsweredBeforehand(Command command) {
			return command instanceof Command.Open;
		}

	}

	/** Every lease of a process has the same id, also after a restart. */
	static final class ReusesLeaseIds extends HostSabotage {

		@Override
		SimulatedStore store(LongSupplier clockMicros, Duration answerLimit) {
			return new StoreSabotage.TakesLeaseIdsTwice(clockMicros, answerLimit);
		}

		@Override
		UUID leaseId(String process, UUID fresh) {
			return new UUID(1, process.hashCode());
		}

	}

	/** A starting process ends all leases of its name, whenever that statement runs. */
	static final class TakesOverByName extends HostSabotage {

		@Override
		boolean takesOverByName() {
			return true;
		}

	}

	/** A lost lease and that of a stopped process are left to themselves. */
	static final class LeavesItsLease extends HostSabotage {

		@Override
		@Nullable Answer insteadOfSending(Command command) {
			return (command instanceof Command.End) ? new Answer.Done() : null;
		}

	}

	/** A grant that nobody waits for any more is not given back. */
	static final class KeepsLateGrants extends HostSabotage {

		private final Set<Long> guarded = new HashSet<>();

		@Override
		void granted(Holding hold) {
			this.guarded.add(hold.grant().token);
		}

		@Override
		Command sent(Command command) {
			return (command instanceof Command.Release release) ? new Command.Release(
					release.orders().stream().filter((order) -> this.guarded.contains(order.token())).toList(),
					release.notices()) : command;
		}

	}

	/** An acquire that was not answered counts as busy. */
	static final class ForgetsLostAcquires extends HostSabotage {

		@Override
		Answer heard(Command command, Answer answer, long tookNanos) {
			if (command instanceof Command.Acquire acquire && answer instanceof Answer.NoAnswer) {
				List<AcquireResult> busy = acquire.orders()
					.stream()
					.map((order) -> (AcquireResult) new Busy(new LeaseStore.KeyLook(order.key(), null, 0, null)))
					.toList();
				return new Answer.Acquired(busy);
			}
			return answer;
		}

	}

	/** A release that was not answered counts as done. */
	static final class ForgetsLostReleases extends HostSabotage {

		@Override
		Answer heard(Command command, Answer answer, long tookNanos) {
			return (command instanceof Command.Release && answer instanceof Answer.NoAnswer) ? new Answer.Done()
					: answer;
		}

	}

	/** Doubt ends while a statement may still run. */
	static final class EndsDoubtEarly extends HostSabotage {

		@Override
		Answer heard(Command command, Answer answer, long tookNanos) {
			return (answer instanceof Answer.Looked found)
					? new Answer.Looked(new LeaseStore.Looked(Long.MAX_VALUE, found.looked().keys())) : answer;
		}

	}

	/** One request in three reaches the machine only after the next one. */
	static final class MixesUpRequests extends HostSabotage {

		private int requests;

		private @Nullable SimulatedRequest heldBack;

		@Override
		List<SimulatedRequest> requested(SimulatedRequest request) {
			SimulatedRequest before = this.heldBack;
			this.heldBack = null;
			if (before != null) {
				return List.of(request, before);
			}
			if (this.requests++ % 3 == 0) {
				this.heldBack = request;
				return List.of();
			}
			return List.of(request);
		}

	}

	/** A guard is handed over as if no time had passed since its grant. */
	static final class HandsOverAfterDeadline extends HostSabotage {

		@Override
		Instants toldOnClose(Holding hold, Instants now) {
			long since = hold.grant().sinceNanos;
			return new Instants(since, now.wallMillis() - (now.nanos() - since) / 1_000_000);
		}

	}

	/** A guard that was handed over shows the token of the grant. */
	static final class HandsOverTheToken extends HostSabotage {

		@Override
		long token(Holding hold) {
			return hold.grant().token;
		}

	}

	/** Nobody says that a transaction commits under a guard. */
	static final class DoesNotMarkCommits extends HostSabotage {

		@Override
		boolean marksCommits() {
			return false;
		}

	}

	/** A transaction commits although its guard was closed before. */
	static final class CommitsAfterClose extends HostSabotage {

		@Override
		boolean commitsAfter(CommitStart refused) {
			return refused == CommitStart.CLOSED;
		}

	}

	/** A commit without an answer counts as over. */
	static final class HandsOverAfterUnknownOutcomes extends HostSabotage {

		@Override
		boolean knownOutcome(boolean known) {
			return true;
		}

	}

	/** A transaction has read before its guard was granted. */
	static final class ReadsBeforeTheGrant extends HostSabotage {

		@Override
		boolean readsBeforeTheGrant() {
			return true;
		}

	}

	/** Keys linger for longer than anybody was told. */
	static final class LingersTooLong extends HostSabotage {

		@Override
		Duration linger(Duration drawn) {
			return drawn.isZero() ? drawn : Simulation.OPTIONS.leaseDuration();
		}

	}

	/** Whoever has told a holder once that it waits does not do it again. */
	static final class TellsOnce extends HostSabotage {

		private final Map<String, Long> told = new HashMap<>();

		@Override
		Command sent(Command command) {
			return (command instanceof Command.Acquire acquire) ? new Command.Acquire(acquire.leaseId(),
					acquire.notAfter(), acquire.orders().stream().map(this::order).toList()) : command;
		}

		private AcquireOrder order(AcquireOrder order) {
			return new AcquireOrder(order.key(), order.deadLeaseId(),
					order.waits() && !this.told.containsKey(order.key()), order.keep());
		}

		@Override
		Answer heard(Command command, Answer answer, long tookNanos) {
			if (answer instanceof Answer.Acquired acquired) {
				acquired.results().forEach(this::found);
			}
			return answer;
		}

		private void found(AcquireResult result) {
			Long before = this.told.remove(result.key());
			if (result instanceof Busy busy && (before == null || before == busy.seen().token())) {
				this.told.put(result.key(), busy.seen().token());
			}
		}

	}

	/** The timer wakes too late. */
	static final class WakesLate extends HostSabotage {

		@Override
		long wakeDelay(long nanos) {
			return nanos + 300_000_000;
		}

	}

}
