package org.crossprocesslock.engine;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class GuardedWorkTests {

	private final List<GuardedWork> before = GuardedWork.ofThread();

	private final MemoryLockManager locks = new MemoryLockManager(new LockListener() {
	});

	/** Of this test: others may have forgotten guards on this thread. */
	private List<GuardedWork> works() {
		return GuardedWork.ofThread().stream().filter((work) -> !this.before.contains(work)).toList();
	}

	@AfterEach
	void nothingIsLeftOnTheThread() {
		this.locks.close();
		assertThat(works()).isEmpty();
	}

	@Test
	void whoeverAcquiresAGuardWorksUnderItUntilItIsClosed() throws Exception {
		LockGuard first = this.locks.lock("first", Duration.ZERO);
		LockGuard second = this.locks.tryLock("second").orElseThrow();
		LockGuards more = this.locks.lockAll(List.of("third", "fourth"), Duration.ZERO);
		assertThat(keys()).containsExactly("third", "fourth", "second", "first");
		second.close();
		assertThat(keys()).containsExactly("third", "fourth", "first");
		more.close();
		first.closeAsync().join();
		assertThat(keys()).isEmpty();
	}

	@Test
	void anotherThreadDoesNot() throws Exception {
		try (LockGuard guard = this.locks.lock("key", Duration.ZERO)) {
			assertThat(CompletableFuture.supplyAsync(GuardedWork::ofThread).join()).isEmpty();
			assertThat(keys()).containsExactly(guard.key());
		}
	}

	@Test
	void nobodyIsBoundToAPromisedGuard() {
		LockGuard guard = this.locks.lockAsync(LockRequest.of("key", Duration.ZERO)).join();
		assertThat(keys()).isEmpty();
		guard.close();
	}

	@Test
	void guardsThatOthersCloseAreTakenOutWhereverTheyAre() throws Exception {
		LockGuard first = this.locks.lock("first", Duration.ZERO);
		LockGuard second = this.locks.lock("second", Duration.ZERO);
		LockGuard third = this.locks.lock("third", Duration.ZERO);
		CompletableFuture.runAsync(second::close).join();
		assertThat(keys()).containsExactly("third", "first");
		CompletableFuture.runAsync(third::close).join();
		assertThat(keys()).containsExactly("first");
		first.close();
	}

	@Test
	void whatIsSaidReplacesWhatIsAssumed() throws Exception {
		try (LockGuard guard = this.locks.lock("key", Duration.ZERO);
				LockGuard other = this.locks.lock("other", Duration.ZERO)) {
			try (GuardedWork said = GuardedWork.begin(guard, Fencing.OFF)) {
				assertThat(works()).first().isSameAs(said);
				assertThat(keys()).containsExactly(guard.key(), other.key());
			}
			assertThat(keys()).containsExactly(other.key());
		}
	}

	@Test
	void guardsThatShareAKeyAreToldApart() throws Exception {
		LockRequest shared = LockRequest.of("key", Duration.ZERO).withMode(LockMode.SHARED_IN_PROCESS);
		try (LockGuard guard = this.locks.lock(shared)) {
			this.locks.runLocked(shared, () -> assertThat(keys()).containsExactly("key", "key"));
			assertThat(keys()).containsExactly(guard.key());
		}
	}

	/** Whoever wraps managers wraps guards too. */
	@Test
	void aWrappedGuardIsToldApartFromALaterOneOfItsKey() throws Exception {
		MemoryLockManager former = new MemoryLockManager();
		LockGuard lost = former.lock("key", Duration.ZERO);
		former.close();
		try (LockGuard later = this.locks.lock("key", Duration.ZERO)) {
			LockGuard wrapped = (LockGuard) Proxy.newProxyInstance(LockGuard.class.getClassLoader(),
					new Class<?>[] { LockGuard.class }, (proxy, method, arguments) -> method.invoke(lost, arguments));
			try (GuardedWork said = GuardedWork.begin(wrapped, Fencing.OFF)) {
				assertThat(said.guard()).isSameAs(lost);
				assertThat(works()).extracting(GuardedWork::guard).containsExactly(lost, later);
			}
		}
		finally {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(lost::close);
		}
	}

	@Test
	void onlyTheCommitOfTheTransactionThatBeganFirstCountsForAll() throws Exception {
		try (LockGuard guard = this.locks.lock("key", Duration.ZERO);
				GuardedWork work = GuardedWork.begin(guard, Fencing.AUTO)) {
			Object first = new Object();
			Object second = new Object();
			work.begun(first);
			work.begun(second);
			work.committed(second);
			assertThat(work.isFirstTransactionCommitted()).isFalse();
			work.committed(first);
			work.committed(second);
			assertThat(work.isFirstTransactionCommitted()).isTrue();
		}
	}

	@Test
	void aForgottenGuardIsReleasedThoughItsThreadLives() throws Exception {
		List<GuardedWork> works = forget();
		Eventually.until("released", () -> {
			System.gc();
			return this.locks.tryLock("key").map(this::closed).orElse(false);
		});
		assertThat(works).singleElement().satisfies((work) -> {
			assertThat(work.guard()).isNull();
			assertThat(work.key()).isEqualTo("key");
		});
	}

	/** In a frame of its own, whose end leaves nothing that refers to the guard. */
	private List<GuardedWork> forget() throws InterruptedException {
		assertThat(this.locks.lock("key", Duration.ZERO).isHeld()).isTrue();
		return works();
	}

	private boolean closed(LockGuard guard) {
		guard.close();
		return true;
	}

	private List<String> keys() {
		return works().stream().map(GuardedWork::key).toList();
	}

}
