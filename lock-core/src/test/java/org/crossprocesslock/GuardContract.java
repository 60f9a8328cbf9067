package org.crossprocesslock;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

/** What a guard promises while nothing goes wrong, and when it is forgotten. */
interface GuardContract extends ContractFixture {

	@Test
	default void aClosedGuardIsNotHeld() {
		LockGuard guard = acquire();
		assertThat(guard.isHeld()).isTrue();
		guard.checkHeld();
		guard.close();
		assertThat(guard.isHeld()).isFalse();
		assertThatIllegalStateException().isThrownBy(guard::checkHeld).withMessageContaining(key());
	}

	@Test
	default void closingTwiceDoesNotReleaseTheNextGuard() {
		LockGuard first = acquire();
		first.close();
		try (LockGuard second = acquire()) {
			first.close();
			assertThat(second.isHeld()).isTrue();
			assertThat(isFree()).isFalse();
		}
	}

	@Test
	default void anyThreadMayCloseAGuard() throws Exception {
		LockGuard guard = acquire();
		Background.call(() -> {
			guard.close();
			return true;
		}).join();
		assertThat(guard.isHeld()).isFalse();
		assertThat(isFree()).isTrue();
	}

	@Test
	default void aLockIsNotReentrant() {
		try (LockGuard guard = acquire()) {
			assertThat(manager().tryLock(guard.key())).isEmpty();
		}
	}

	@Test
	default void tokensGrowWithEveryGrant() {
		List<Long> tokens = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			try (LockGuard guard = acquire()) {
				tokens.add(guard.fencingToken());
			}
		}
		assertThat(tokens).doesNotHaveDuplicates().isSorted();
	}

	@Test
	default void tokensGrowOverManagers() {
		assumeThat(sharesKeysWithASecondManager()).isTrue();
		LockManager second = manager(new LockListener() {
		});
		List<Long> tokens = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			for (LockManager manager : List.of(manager(), second)) {
				try (LockGuard guard = manager.tryLock(key()).orElseThrow()) {
					tokens.add(guard.fencingToken());
				}
			}
		}
		assertThat(tokens).doesNotHaveDuplicates().isSorted();
	}

	@Test
	default void aKeyThatOnlyThisProcessHoldsStaysClean() {
		try (LockGuard guard = acquire()) {
			guard.clearDirty();
			assertThat(guard.isDirty()).isFalse();
		}
		try (LockGuard guard = acquire()) {
			assertThat(guard.isDirty()).isFalse();
		}
	}

	@Test
	default void aKeyIsDirtyAfterAnotherProcessHeldItUntilCleared() {
		Optional<LockManager> other = anotherProcess();
		assumeThat(other).isPresent();
		try (LockGuard guard = acquire()) {
			guard.clearDirty();
		}
		other.orElseThrow().tryLock(key()).orElseThrow().close();
		try (LockGuard guard = acquire()) {
			assertThat(guard.isDirty()).isTrue();
		}
		try (LockGuard guard = acquire()) {
			assertThat(guard.isDirty()).isTrue();
			guard.clearDirty();
			assertThat(guard.isDirty()).isFalse();
		}
		try (LockGuard guard = acquire()) {
			assertThat(guard.isDirty()).isFalse();
		}
	}

	@Test
	default void aForgottenGuardIsReleasedAndReportedWithItsOrigin() throws InterruptedException {
		try (CapturedLog log = new CapturedLog()) {
			acquireAndForget();
			Eventually.until("the collector finds the guard", () -> {
				System.gc();
				return isFree();
			});
			Eventually.until("the leak is reported", () -> log.errors()
				.anyMatch((error) -> error.contains(key()) && error.contains("acquireAndForget")));
		}
	}

	@Test
	default void aGuardThatNobodyFetchedFromItsFutureIsReleased() throws InterruptedException {
		requestAndForget();
		Eventually.until("the collector finds the guard", () -> {
			System.gc();
			return isFree();
		});
	}

	private void acquireAndForget() {
		assertThat(acquire().isHeld()).isTrue();
	}

	private void requestAndForget() throws InterruptedException {
		var future = manager().lockAsync(request(Eventually.LIMIT));
		Eventually.until("granted", future::isDone);
	}

}
