package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.RecordingListener;
import org.crossprocesslock.engine.ManualLockManager.ManualClaim;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class HeldLockTests {

	private final RecordingListener listener = new RecordingListener();

	private final ManualClaim claim = new ManualClaim();

	private final ManualLockManager manager = new ManualLockManager(this.listener, (attempt) -> {
	});

	private final HeldLock held = LockAttempt
		.blocking(this.manager, LockRequest.of("key", Eventually.LIMIT).withName("request"))
		.hold(this.claim);

	private final LockGuard guard = this.held.open(Duration.ZERO);

	@Test
	void aLeaseThatIsOverEndsTheGuardBeforeAnybodySaysSo() {
		this.claim.held = false;
		assertThat(this.guard.isHeld()).isFalse();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.guard::checkHeld);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.guard::close)
			.withMessageContaining("'key'")
			.withMessageContaining("7");
		assertThat(this.listener.about("request")).containsExactly("acquired", "lost", "released");
		assertThat(this.claim.releases).hasValue(1);
	}

	@Test
	void aLostGuardIsNeverHeldAgain() {
		this.held.lose("taken over");
		assertThat(this.claim.isHeld()).isTrue();
		assertThat(this.guard.isHeld()).isFalse();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.guard::checkHeld)
			.withMessageContaining("taken over");
		this.held.lose("again");
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.guard::close)
			.withMessageContaining("taken over");
		assertThat(this.listener.about("request")).containsExactly("acquired", "lost", "released");
	}

	@Test
	void aLossAfterTheCloseIsNone() {
		this.guard.close();
		this.held.lose("too late");
		this.guard.close();
		assertThatIllegalStateException().isThrownBy(this.guard::checkHeld);
		assertThat(this.listener.about("request")).containsExactly("acquired", "released");
	}

	@Test
	void aCloseForWhichThereIsNoRoomOnTheStackChangesNothing() {
		this.claim.roomFailure = new StackOverflowError("at the end of the stack");
		assertThatExceptionOfType(StackOverflowError.class).isThrownBy(this.guard::close);
		assertThat(this.claim.releases).hasValue(0);
		assertThat(this.guard.isHeld()).isTrue();
		this.guard.close();
		assertThat(this.claim.releases).hasValue(1);
	}

	@Test
	void aCallbackGivenAfterALostGuardWasClosedStillRuns() throws InterruptedException {
		this.held.lose("taken over");
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.guard::close);
		CountDownLatch told = new CountDownLatch(1);
		this.guard.onLost(told::countDown);
		assertThat(told.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void aHeldGuardSaysThatTheKeyIsClean() {
		assertThat(this.guard.isDirty()).isTrue();
		this.guard.clearDirty();
		assertThat(this.guard.isDirty()).isFalse();
	}

	@Test
	void onlyAHeldGuardCanSayThatTheKeyIsClean() {
		this.held.lose("taken over");
		this.guard.clearDirty();
		assertThat(this.guard.isDirty()).isTrue();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.guard::close);
		this.guard.clearDirty();
		assertThat(this.claim.cleared).isEmpty();
	}

	@Test
	void closeReturnsWhenTheReleaseIsWrittenAndKeepsAnInterrupt() throws Exception {
		this.claim.released = new CompletableFuture<>();
		Background<Boolean> closer = Background.call(() -> {
			this.guard.close();
			return Thread.currentThread().isInterrupted();
		}).untilItWaits();
		closer.interrupt();
		assertThat(this.guard.isHeld()).isFalse();
		assertThat(closer.isDone()).isFalse();
		this.claim.released.complete(null);
		assertThat(closer.join()).isTrue();
	}

	@Test
	void theGuardShowsWhatItIs() {
		assertThat(this.guard).hasToString("LockGuard[key=key, fencingToken=7, held=true]");
		this.guard.close();
		assertThat(this.guard).hasToString("LockGuard[key=key, fencingToken=7, held=false]");
	}

}
