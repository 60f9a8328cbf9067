package org.crossprocesslock;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every {@link LockManager} does. A backend is tested by a subclass that makes its
 * managers; the subclass's name contains the simple name of the manager.
 */
public abstract class LockManagerContract
		implements LockingContract, GuardContract, KeyContract, WaitingContract, InterruptContract, AsyncContract,
		SharedContract, SeveralKeysContract, ClosingContract, ListenerContract, InspectionContract {

	private static final AtomicInteger number = new AtomicInteger();

	private final Deque<LockManager> managers = new ArrayDeque<>();

	private final String key = "contract.key-" + number.incrementAndGet();

	/**
	 * Makes a manager. Closed after the test.
	 * @param listener the listener of the manager
	 * @return a working manager; whether it shares keys with those made before is said by
	 * {@link #sharesKeysWithASecondManager()}
	 */
	protected abstract LockManager newManager(LockListener listener);

	/**
	 * Makes a manager that stands for another process on the same data. Closed after the
	 * test.
	 * @return the manager, empty if this backend cannot have one in this process
	 */
	protected Optional<LockManager> newManagerOfAnotherProcess() {
		return Optional.empty();
	}

	/**
	 * Whether all managers that {@link #newManager} makes in one test exclude each other.
	 * @return {@code false} if each has its own keys
	 */
	@Override
	public boolean sharesKeysWithASecondManager() {
		return true;
	}

	@BeforeEach
	final void startManager() {
		manager(new LockListener() {
		});
	}

	@AfterEach
	final void closeManagers() {
		this.managers.forEach(LockManager::close);
	}

	@Override
	public final LockManager manager() {
		return this.managers.getFirst();
	}

	@Override
	public final LockManager manager(LockListener listener) {
		return closedLater(newManager(listener));
	}

	@Override
	public final Optional<LockManager> anotherProcess() {
		return newManagerOfAnotherProcess().map(this::closedLater);
	}

	@Override
	public final String key() {
		return this.key;
	}

	@Override
	public final LockRequest request(Duration waitTime) {
		return LockRequest.of(this.key, waitTime);
	}

	private LockManager closedLater(LockManager manager) {
		this.managers.addLast(manager);
		return manager;
	}

}
