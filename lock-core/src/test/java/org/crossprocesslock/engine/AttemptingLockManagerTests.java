package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.ManualLockManager.ManualClaim;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class AttemptingLockManagerTests {

	private static final LockRequest REQUEST = LockRequest.of("key", Duration.ofSeconds(30));

	private static final LockListener NOBODY = new LockListener() {
	};

	@AfterEach
	void forgetInterrupt() {
		assertThat(Thread.interrupted()).isFalse();
	}

	/** Blocking calls that may be interrupted. */
	enum Call {

		LOCK {
			@Override
			void on(ManualLockManager manager) throws InterruptedException {
				manager.lock(REQUEST).close();
			}
		},

		TRY_LOCK {
			@Override
			void on(ManualLockManager manager) throws InterruptedException {
				manager.tryLock(REQUEST).orElseThrow().close();
			}
		},

		LOCK_SCOPED {
			@Override
			void on(ManualLockManager manager) throws InterruptedException {
				manager.lockScoped(REQUEST).close();
			}
		},

		TRY_LOCK_SCOPED {
			@Override
			void on(ManualLockManager manager) throws InterruptedException {
				manager.tryLockScoped(REQUEST).orElseThrow().close();
			}
		},

		LOCK_ALL {
			@Override
			void on(ManualLockManager manager) throws InterruptedException {
				manager.lockAll(List.of(REQUEST)).close();
			}
		},

		LOCK_ALL_SCOPED {
			@Override
			void on(ManualLockManager manager) throws InterruptedException {
				manager.lockAllScoped(List.of(REQUEST)).close();
			}
		},

		RUN_LOCKED {
			@Override
			void on(ManualLockManager manager) throws InterruptedException {
				manager.runLocked(REQUEST, () -> {
				});
			}
		},

		CALL_LOCKED {
			@Override
			void on(ManualLockManager manager) throws Exception {
				assertThat(manager.callLocked(REQUEST, () -> 1)).isOne();
			}
		};

		abstract void on(ManualLockManager manager) throws Exception;

	}

	private static ManualLockManager granting() {
		return new ManualLockManager(NOBODY, (attempt) -> attempt.deliver(attempt.hold(new ManualClaim())));
	}

	@ParameterizedTest
	@EnumSource
	void aCallBeginsAndEndsOneAttempt(Call call) throws Exception {
		ManualLockManager manager = granting();
		call.on(manager);
		assertThat(manager.started).hasSize(1);
		assertThat(manager.abandoned).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void anInterruptedThreadAsksForNothing(Call call) {
		ManualLockManager manager = granting();
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> call.on(manager));
		assertThat(manager.started).isEmpty();
	}

	@Test
	void aBackendThatThrowsForgetsTheAttempt() {
		ManualLockManager broken = new ManualLockManager(NOBODY, (attempt) -> {
			throw new IllegalStateException("broken");
		});
		assertThatIllegalStateException().isThrownBy(() -> broken.lock(REQUEST)).withMessage("broken");
		assertThat(broken.abandoned).isEqualTo(broken.started).hasSize(1);
	}

	@Test
	void aBackendThatMeetsTheEndOfTheHostForgetsTheAttempt() {
		ManualLockManager broken = new ManualLockManager(NOBODY, (attempt) -> {
			throw new OutOfMemoryError("unable to create native thread");
		});
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> broken.lock(REQUEST))
			.withMessageContaining("unable to create native thread")
			.matches((failure) -> !failure.isPermanent());
		assertThat(broken.abandoned).isEqualTo(broken.started).hasSize(1);
	}

	@Test
	void callbacksOfBothKindsAreTakenUpWhenThereIsAThreadAgain() {
		boolean[] exhausted = { true };
		Callbacks losses = starved(exhausted);
		Callbacks futures = starved(exhausted);
		List<String> run = new ArrayList<>();
		losses.run(() -> run.add("loss"));
		futures.run(() -> run.add("future"));
		exhausted[0] = false;
		CatchingUp manager = new CatchingUp(losses, futures);
		manager.takeUp();
		assertThat(run).containsExactly("loss", "future");
	}

	private static Callbacks starved(boolean[] exhausted) {
		return new Callbacks((task) -> {
			if (exhausted[0]) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			task.run();
		}, 1, (look) -> {
		});
	}

	private static final class CatchingUp extends AttemptingLockManager {

		CatchingUp(Callbacks losses, Callbacks futures) {
			super(new ListenerQueue(NOBODY), losses, futures);
		}

		void takeUp() {
			catchUp();
		}

		@Override
		protected void start(LockAttempt attempt) {
			throw closedException();
		}

		@Override
		protected void abandon(LockAttempt attempt) {
			throw closedException();
		}

		@Override
		public void close() {
			awaitListener();
		}

	}

}
