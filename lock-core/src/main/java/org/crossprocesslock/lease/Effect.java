package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;

import org.crossprocesslock.LockListener.Renewal;
import org.crossprocesslock.LockStoreException;
import org.jspecify.annotations.Nullable;

/** What the machine wants done outside of it, in the order in which it says so. */
sealed interface Effect {

	record Run(Call call) implements Effect {

	}

	/**
	 * Nobody waits for the answer any more: it is ignored if it comes, and the next
	 * statement must not wait for this one.
	 */
	record Dropped(Call call) implements Effect {

	}

	/** The end of a request. */
	sealed interface OfWaiter extends Effect {

		Waiter waiter();

	}

	record Granted(Waiter waiter, Holding hold) implements OfWaiter {

	}

	/**
	 * Nobody lets it have the key.
	 *
	 * @param kept for how long the key is still kept though nobody has it, {@code null}
	 * if that is not what stands in the way
	 */
	record Busy(Waiter waiter, @Nullable String holder, @Nullable Duration kept) implements OfWaiter {

		Busy(Waiter waiter, @Nullable String holder) {
			this(waiter, holder, null);
		}

	}

	record Failed(Waiter waiter, LockStoreException failure) implements OfWaiter {

	}

	/** The manager was closed before the waiter's turn came. */
	record Rejected(Waiter waiter) implements OfWaiter {

	}

	record Lost(Holding hold, String reason) implements Effect {

	}

	/**
	 * The closer need not wait any longer: the release was answered, or needs no
	 * statement, or must follow something else.
	 */
	record Released(Holding hold) implements Effect {

	}

	record BackedOff(Duration pause) implements Effect {

	}

	record Renewed(Renewal renewal) implements Effect {

	}

	record LeaseOpened(String leaseId) implements Effect {

	}

	record LeaseLost(String leaseId, String reason, List<Holding> guards) implements Effect {

	}

	/** The last lease has been ended or given up; nothing follows. */
	record Stopped() implements Effect {

	}

}
