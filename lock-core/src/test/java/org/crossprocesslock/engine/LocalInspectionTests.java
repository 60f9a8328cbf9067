package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.List;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockReport.Status;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.WaitedKey;
import org.crossprocesslock.engine.LocalInspection.Condition;
import org.crossprocesslock.engine.ManualLockManager.ManualClaim;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LocalInspectionTests {

	private final ManualLockManager manager = new ManualLockManager(new LockListener() {
	}, (attempt) -> {
	});

	private LockAttempt attempt(String key) {
		LockAttempt attempt = LockAttempt.blocking(this.manager, LockRequest.of(key, Eventually.LIMIT));
		while (attempt.waited().compareTo(Duration.ofMillis(1)) < 0) {
			Thread.onSpinWait();
		}
		return attempt;
	}

	private static LocalInspection inspection(List<HeldLock> open, List<LockAttempt> waiting) {
		return new LocalInspection(open, waiting, (attempt) -> null, () -> Condition.now(Status.OPEN, null));
	}

	@Test
	void theKeyThatWasWaitedForLongestComesFirst() throws InterruptedException {
		LockAttempt first = attempt("a");
		LockAttempt second = attempt("b");
		LockAttempt third = attempt("a");
		for (List<LockAttempt> waiting : List.of(List.of(first, second, third), List.of(third, second, first))) {
			LocalInspection inspection = inspection(List.of(), waiting);
			// not while this thread pauses between two looks at the clock
			Eventually.until("the first comes first",
					() -> inspection.report(2)
						.waiting()
						.stream()
						.map(WaitedKey::key)
						.toList()
						.equals(List.of("a", "b")));
			assertThat(inspection.report(2).waiting()).extracting(WaitedKey::requests).contains(2);
		}
	}

	@Test
	void aGuardThatIsLostIsNotThereToBeReleased() {
		ManualClaim claim = new ManualClaim();
		HeldLock held = attempt("a").hold(claim);
		LocalInspection inspection = inspection(List.of(held), List.of());
		held.lose("it is over");
		assertThat(inspection.release("a", claim.fencingToken())).isFalse();
		assertThat(claim.releases).hasValue(0);
	}

}
