package org.crossprocesslock.test;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.HeldKey;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.engine.GuardedWork;

/**
 * The manager that is tested, with a tester who makes keys busy, loses guards and notes
 * what is granted. Guards are those of the manager itself.
 */
final class TestedLockManager implements LockManager {

	private final LockManager locks;

	private final Map<String, LockGuard> busy = new ConcurrentHashMap<>();

	private final Set<String> toLose = ConcurrentHashMap.newKeySet();

	private final List<GrantedKeys> recordings = new CopyOnWriteArrayList<>();

	TestedLockManager(LockManager locks) {
		this.locks = locks;
	}

	BusyKey busy(String key) {
		LockGuard guard = ofNoThread(key);
		this.busy.put(key, guard);
		return () -> {
			this.busy.remove(key, guard);
			guard.close();
		};
	}

	/** What the test does on its thread is no work under it. */
	private LockGuard ofNoThread(String key) {
		try {
			return this.locks.lockAsync(LockRequest.of(key, Duration.ZERO)).join();
		}
		catch (CompletionException ex) {
			if (ex.getCause() instanceof LockTimeoutException) {
				throw new IllegalStateException("Key '" + key
						+ "' is busy already, or kept from an earlier call: by its holdAtLeast, or by the "
						+ "transaction of the test around it. " + held() + ". Close what holds it first", ex);
			}
			throw ex;
		}
	}

	void lose(String key) {
		if (!take(key)) {
			throw new IllegalStateException(
					"Key '" + key + "' is not held, so it cannot be lost. " + held() + ". Lose it while it is "
							+ "held: from something that the work calls, or with loseNext before the work begins");
		}
	}

	private boolean take(String key) {
		LockInspection inspection = requiredInspection();
		LockGuard ofTester = this.busy.get(key);
		boolean taken = false;
		for (HeldKey held : inspection.report(key).held()) {
			if (isHeld(held) && (ofTester == null || ofTester.fencingToken() != held.token())) {
				taken |= inspection.release(key, held.token());
			}
		}
		return taken;
	}

	private LockInspection requiredInspection() {
		return inspection().orElseThrow(() -> new IllegalStateException(
				"A lock manager without inspection() cannot make a guard lost: " + this.locks.getClass()));
	}

	private String held() {
		return "Held are " + inspection().map((inspection) -> inspection.report(Integer.MAX_VALUE).held())
			.orElse(List.of())
			.stream()
			.filter(TestedLockManager::isHeld)
			.map(HeldKey::key)
			.distinct()
			.sorted()
			.toList();
	}

	private static boolean isHeld(HeldKey key) {
		return key.state() == HeldKey.State.HELD;
	}

	void loseNext(String key) {
		requiredInspection();
		this.toLose.add(key);
	}

	void begin(GrantedKeys recording) {
		this.recordings.add(recording);
	}

	void end(GrantedKeys recording) {
		this.recordings.remove(recording);
	}

	void reset() {
		this.toLose.clear();
		this.busy.forEach((key, guard) -> {
			this.busy.remove(key, guard);
			guard.close();
		});
	}

	/** What there is to wait for in a test is known to last. */
	private LockRequest withoutVainWait(LockRequest request) {
		return this.busy.containsKey(request.key()) ? request.withWaitTime(Duration.ZERO) : request;
	}

	private void granted(LockGuard guard) {
		this.recordings.forEach((recording) -> recording.add(guard));
		if (this.toLose.remove(guard.key())) {
			take(guard.key());
		}
	}

	@Override
	public Optional<LockGuard> tryLock(String key) {
		Optional<LockGuard> guard = this.locks.tryLock(key);
		guard.ifPresent(this::granted);
		return guard;
	}

	@Override
	public Optional<LockGuard> tryLock(LockRequest request) throws InterruptedException {
		Optional<LockGuard> guard = this.locks.tryLock(withoutVainWait(request));
		guard.ifPresent(this::granted);
		return guard;
	}

	@Override
	public LockGuard lock(LockRequest request) throws InterruptedException {
		LockGuard guard = this.locks.lock(withoutVainWait(request));
		granted(guard);
		return guard;
	}

	@Override
	public LockGuards lockAll(Collection<LockRequest> requests) throws InterruptedException {
		LockGuards guards = this.locks.lockAll(requests.stream().map(this::withoutVainWait).toList());
		guards.guards().forEach(this::granted);
		return guards;
	}

	@Override
	public CompletableFuture<LockGuard> lockAsync(LockRequest request) {
		return given(this.locks.lockAsync(withoutVainWait(request)), this::granted, LockGuard::closeAsync);
	}

	@Override
	public CompletableFuture<LockGuards> lockAllAsync(Collection<LockRequest> requests) {
		return given(this.locks.lockAllAsync(requests.stream().map(this::withoutVainWait).toList()),
				(guards) -> guards.guards().forEach(this::granted), LockGuards::closeAsync);
	}

	/** Ends with what was asked for, and ends that. */
	private static <T> CompletableFuture<T> given(CompletableFuture<T> asked, Consumer<T> granted,
			Function<T, CompletableFuture<Void>> giveBack) {
		CompletableFuture<T> given = new CompletableFuture<>();
		var unusedGrant = asked.thenAccept((guards) -> {
			granted.accept(guards);
			if (!given.complete(guards)) {
				var unused = giveBack.apply(guards);
			}
		});
		var unusedFailure = asked.whenComplete((guards, failure) -> {
			if (failure != null) {
				given.completeExceptionally(failure);
			}
		});
		var unusedCancel = given.whenComplete((guards, failure) -> asked.cancel(false));
		return given;
	}

	@Override
	public <T> T callLocked(LockRequest request, Callable<T> work) throws Exception {
		try (LockGuard guard = lock(request); GuardedWork guarded = GuardedWork.begin(guard, Fencing.AUTO)) {
			return work.call();
		}
	}

	@Override
	public void runLocked(LockRequest request, Runnable work) throws InterruptedException {
		try (LockGuard guard = lock(request); GuardedWork guarded = GuardedWork.begin(guard, Fencing.AUTO)) {
			work.run();
		}
	}

	@Override
	public Optional<LockInspection> inspection() {
		return this.locks.inspection();
	}

	@Override
	public void close() {
		this.locks.close();
	}

}
