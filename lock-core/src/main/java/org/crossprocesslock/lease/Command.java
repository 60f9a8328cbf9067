package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.StoreFault;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.jspecify.annotations.Nullable;

/**
 * One call of the store that the machine wants made.
 */
sealed interface Command {

	/** Makes the call; blocks on I/O. */
	Answer runOn(LeaseStore store);

	/** The same, but whatever the store throws is no answer. */
	default Answer madeOn(LeaseStore store) {
		try {
			return runOn(store);
		}
		catch (LockStoreException ex) {
			return new Answer.NoAnswer(ex);
		}
		catch (Throwable ex) {
			// a defect of the store must not end the thread: without it nothing is
			// renewed any more
			return new Answer.NoAnswer(StoreFault.of("The lock store broke on " + this, ex));
		}
	}

	record TakeOver(String holder) implements Command {

		@Override
		public Answer runOn(LeaseStore store) {
			return new Answer.TakenOver(store.takeOver(this.holder));
		}

	}

	record Open(String leaseId, String holder, Duration duration) implements Command {

		@Override
		public Answer runOn(LeaseStore store) {
			return new Answer.Kept(store.open(this.leaseId, this.holder, this.duration));
		}

	}

	record Renew(String leaseId) implements Command {

		@Override
		public Answer runOn(LeaseStore store) {
			return store.renew(this.leaseId).<Answer>map(Answer.Kept::new).orElseGet(() -> new Answer.Found(false));
		}

	}

	record End(String leaseId) implements Command {

		@Override
		public Answer runOn(LeaseStore store) {
			store.end(this.leaseId);
			return new Answer.Done();
		}

	}

	record Acquire(String leaseId, long notAfter, List<AcquireOrder> orders) implements Command {

		@Override
		public Answer runOn(LeaseStore store) {
			return new Answer.Acquired(store.acquire(this.leaseId, this.notAfter, this.orders));
		}

	}

	/** Frees rows and tells other processes something; one of them may be nothing. */
	record Release(List<ReleaseOrder> orders, List<Notice> notices) implements Command {

		@Override
		public Answer runOn(LeaseStore store) {
			return new Answer.Freed(store.release(this.orders, this.notices));
		}

	}

	record Look(List<String> keys) implements Command {

		@Override
		public Answer runOn(LeaseStore store) {
			return new Answer.Looked(store.look(this.keys));
		}

	}

	/**
	 * Reaps an expired lease or, with a counter, one seen unchanged for too long.
	 */
	record Reap(String leaseId, @Nullable Long counter) implements Command {

		@Override
		public Answer runOn(LeaseStore store) {
			return new Answer.Found((this.counter != null) ? store.reapUnchanged(this.leaseId, this.counter)
					: store.reap(this.leaseId));
		}

	}

	record Purge(Duration age) implements Command {

		@Override
		public Answer runOn(LeaseStore store) {
			return new Answer.Found(store.purge(this.age));
		}

	}

	/** What a call came back with. */
	sealed interface Answer {

		record Done() implements Answer {

		}

		record TakenOver(int leases) implements Answer {

		}

		record Found(boolean found) implements Answer {

		}

		/** The lease was opened or renewed. */
		record Kept(LeaseStore.Kept kept) implements Answer {

		}

		record Acquired(List<AcquireResult> results) implements Answer {

		}

		/** What was to be freed is free, but for the keys whose rows are locked. */
		record Freed(Set<String> lockedKeys) implements Answer {

		}

		record Looked(LeaseStore.Looked looked) implements Answer {

		}

		/** The call is not known to have happened, and may happen yet. */
		record NoAnswer(LockStoreException failure) implements Answer {

			/** It was not waited for any longer. */
			static NoAnswer inTime(Call call) {
				return new NoAnswer(new LockStoreException("The lock store has not answered in time",
						new TimeoutException(call.command().getClass().getSimpleName()), false));
			}

			/** What was asked came too late to the store, or will not come at all. */
			static LockStoreException tooLate() {
				return new LockStoreException("The lock store could not be asked in time",
						new TimeoutException("too late"), false);
			}

			/** A store that answers, but not about all it was asked, is broken. */
			static LockStoreException about(String key) {
				return new LockStoreException("The lock store answered nothing about key '" + key + "'",
						new IllegalStateException("incomplete answer"), true);
			}

		}

	}

}
