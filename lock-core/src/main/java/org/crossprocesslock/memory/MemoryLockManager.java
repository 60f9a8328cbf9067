package org.crossprocesslock.memory;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockReport.Status;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.engine.Claim;
import org.crossprocesslock.engine.HeldLock;
import org.crossprocesslock.engine.LocalInspection;
import org.crossprocesslock.engine.LocalInspection.Condition;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.StackRoom;
import org.crossprocesslock.engine.TimeSource;

/**
 * Locks inside this process, for tests and for services that run once.
 *
 * <table>
 * <caption>What it excludes</caption>
 * <tr>
 * <th>threads</th>
 * <th>processes of one host</th>
 * <th>machines</th>
 * <th>after the holder's crash</th>
 * <th>needs</th>
 * </tr>
 * <tr>
 * <td>yes</td>
 * <td>no</td>
 * <td>no</td>
 * <td>does not apply</td>
 * <td>nothing</td>
 * </tr>
 * </table>
 * <p>
 * Keys belong to the process: all managers of this class exclude each other, and guards
 * of {@link org.crossprocesslock.LockMode#SHARED_IN_PROCESS} share a key across managers.
 * (A class loaded twice, by two class loaders, counts as two processes.) Fencing tokens
 * grow as long as the process lives; after a restart they go on above the earlier ones
 * unless the wall clock was set back. No other process can have held a key, so no guard
 * is ever dirty, and a guard is lost only if its manager is closed before it.
 * </p>
 * <p>
 * A key that is {@linkplain org.crossprocesslock.LockRequest#holdAtLeast() held at least}
 * for a time is kept by the process, through the close of its manager, without a thread
 * for it.
 * </p>
 * <p>
 * No method does I/O. Waiting requests are served in the order of their arrival, over all
 * managers.
 * </p>
 *
 * @since 0.1.0
 */
public final class MemoryLockManager extends AttemptingLockManager {

	private static final AtomicLong lastToken = new AtomicLong();

	/** What grants keep after their guards were closed, whichever manager made them. */
	private static final KeptKeys kept = new KeptKeys();

	private static final KeyedLock<Long> keys = new KeyedLock<>(MemoryLockManager::nextToken);

	private final Map<LockAttempt, Turn<Long>> waiting = new ConcurrentHashMap<>();

	private final Map<Granted, HeldLock> open = new ConcurrentHashMap<>();

	private volatile Condition condition = Condition.now(Status.OPEN, null);

	private final LockInspection inspection = kept.shownBy(
			new LocalInspection(this.open.values(), this.waiting.keySet(), (attempt) -> null, () -> this.condition));

	private volatile boolean closed;

	/**
	 * Creates a manager without a listener.
	 */
	public MemoryLockManager() {
		super();
	}

	/**
	 * Creates a manager.
	 * @param listener is called for all events
	 */
	public MemoryLockManager(LockListener listener) {
		super(listener);
	}

	@Override
	protected void start(LockAttempt attempt) {
		// a stack that ends in between would leave the key locked
		StackRoom.requireInMemory();
		checkOpen();
		kept.endIfOver(attempt.request().key());
		Turn<Long> turn = keys.enter(attempt.request().key(), attempt.request().mode(), attempt.request().waitTime(),
				new Request(attempt));
		if (turn.isWaiting()) {
			this.waiting.put(attempt, turn);
			// whatever happened before the line above has not seen the entry
			if (!turn.isWaiting()) {
				this.waiting.remove(attempt);
			}
			if (this.closed) {
				giveUp(attempt);
			}
		}
	}

	@Override
	protected void abandon(LockAttempt attempt) {
		Turn<Long> turn = this.waiting.get(attempt);
		if (turn != null) {
			// as above; so what is granted later is given back then
			StackRoom.requireToEndInMemory();
			this.waiting.remove(attempt);
			turn.leave();
		}
	}

	@Override
	public Optional<LockInspection> inspection() {
		return Optional.of(this.inspection);
	}

	/**
	 * {@inheritDoc} Waits here for the listener only, a second at most.
	 */
	@Override
	public void close() {
		if (!this.closed) {
			this.condition = Condition.now(Status.CLOSED, null);
		}
		this.closed = true;
		this.open.values().forEach((held) -> held.lose("its lock manager was closed"));
		this.waiting.keySet().forEach(this::giveUp);
		this.open.keySet().forEach(Granted::leave);
		awaitListener();
	}

	private void giveUp(LockAttempt attempt) {
		attempt.failed(closedException());
		abandon(attempt);
	}

	private void checkOpen() {
		if (this.closed) {
			throw closedException();
		}
	}

	private static long nextToken() {
		return lastToken.updateAndGet((last) -> Math.max(last + 1, TimeSource.SYSTEM.wallMillis() * 1000));
	}

	/** What one attempt hears from the keyed lock. */
	private final class Request implements KeyedLock.Waiter<Long> {

		private final LockAttempt attempt;

		Request(LockAttempt attempt) {
			this.attempt = attempt;
		}

		@Override
		public void entered(Turn<Long> turn) {
			MemoryLockManager.this.waiting.remove(this.attempt);
			if (!this.attempt.deliver(() -> hold(turn))) {
				turn.leave();
			}
		}

		private HeldLock hold(Turn<Long> turn) {
			Granted granted = new Granted(turn, this.attempt.request());
			HeldLock held = this.attempt.hold(granted);
			MemoryLockManager.this.open.put(granted, held);
			// a close that came before the line above has not seen the grant
			if (MemoryLockManager.this.closed) {
				this.attempt.failed(closedException());
				var unused = granted.giveBack();
			}
			return held;
		}

		@Override
		public void refused() {
			MemoryLockManager.this.waiting.remove(this.attempt);
			this.attempt.busy(null, kept.left(this.attempt.request().key()));
		}

	}

	/** What one guard has. */
	private final class Granted implements Claim {

		private final Turn<Long> turn;

		private final LockRequest request;

		private final long sinceNanos = TimeSource.SYSTEM.nanos();

		Granted(Turn<Long> turn, LockRequest request) {
			this.turn = turn;
			this.request = request;
		}

		@Override
		public long fencingToken() {
			return this.turn.tenure();
		}

		@Override
		public boolean isHeld() {
			return this.turn.isInside();
		}

		@Override
		public String whyLost() {
			return "its lock manager was closed";
		}

		@Override
		public boolean isDirty() {
			return false;
		}

		@Override
		public void clearDirty() {
			// never dirty
		}

		@Override
		public void requireRoom() {
			StackRoom.requireToEndInMemory();
		}

		@Override
		public CompletableFuture<?> release() {
			leave();
			return CompletableFuture.completedFuture(null);
		}

		@Override
		public CompletableFuture<?> giveBack() {
			MemoryLockManager.this.open.remove(this);
			this.turn.leave();
			return CompletableFuture.completedFuture(null);
		}

		private void leave() {
			MemoryLockManager.this.open.remove(this);
			if (this.request.holdAtLeast().isZero()) {
				this.turn.leave();
			}
			else {
				var unused = this.turn.leave((token) -> kept.keep(this.request, token, this.sinceNanos));
			}
		}

	}

}
