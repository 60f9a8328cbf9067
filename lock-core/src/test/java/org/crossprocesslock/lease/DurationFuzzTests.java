package org.crossprocesslock.lease;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.crossprocesslock.DurationArbitraries;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.engine.Backoff;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.memory.MemoryLockManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** Durations of every length: taken or refused with their values, never an overflow. */
class DurationFuzzTests {

	private static final BigInteger SECOND = BigInteger.valueOf(1_000_000_000);

	private static final BigInteger DAY = SECOND.multiply(BigInteger.valueOf(24 * 3600));

	@Provide
	Arbitrary<Duration> anything() {
		return DurationArbitraries.anything();
	}

	@Provide
	Arbitrary<Duration> usual() {
		return DurationArbitraries.usual();
	}

	@Property(tries = 1000)
	void everyWaitTimeIsTakenUnlessItIsNegative(@ForAll("anything") Duration waitTime) {
		if (nanos(waitTime).signum() >= 0) {
			assertThat(LockRequest.of("key", waitTime).waitTime()).isEqualTo(waitTime);
		}
		else {
			assertThatIllegalArgumentException().isThrownBy(() -> LockRequest.of("key", waitTime))
				.withMessageContaining(waitTime.toString())
				.withMessageContaining("'key'");
		}
	}

	@Property(tries = 1000)
	void everyDurationIsCountedExactlyOrIsForEver(@ForAll("anything") Duration duration) {
		BigInteger exact = nanos(duration);
		long counted = TimeSource.nanos(duration);
		if (exact.abs().compareTo(BigInteger.valueOf(TimeSource.FOREVER_NANOS).subtract(SECOND)) < 0) {
			assertThat(BigInteger.valueOf(counted)).isEqualTo(exact);
		}
		else {
			assertThat(counted * exact.signum()).isBetween(TimeSource.FOREVER_NANOS - SECOND.longValue(),
					TimeSource.FOREVER_NANOS);
		}
	}

	@Property(tries = 200)
	void aWaitIsAsLongAsItSays(@ForAll("anything") Duration duration) throws Exception {
		if (duration.isNegative()) {
			return;
		}
		LockRequest request = LockRequest.of("waited-for", duration);
		try (MemoryLockManager manager = new MemoryLockManager();
				LockGuard guard = manager.tryLock(request.key()).orElseThrow()) {
			CompletableFuture<LockGuard> waiting = manager.lockAsync(request);
			if (duration.compareTo(Eventually.LIMIT.multipliedBy(2)) > 0) {
				assertThat(waiting).isNotDone();
				assertThat(waiting.cancel(true)).isTrue();
			}
			else if (duration.compareTo(Duration.ofMillis(5)) < 0) {
				assertThatExceptionOfType(ExecutionException.class)
					.isThrownBy(() -> waiting.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS))
					.withCauseInstanceOf(LockTimeoutException.class);
			}
			else {
				waiting.cancel(true);
			}
			assertThat(guard.isHeld()).isTrue();
		}
	}

	@Property(tries = 3000)
	void leaseOptionsAreRefusedWithTheValuesOfABrokenRelation(@ForAll("usual") Duration lease,
			@ForAll("anything") Duration renewInterval, @ForAll("anything") Duration initial,
			@ForAll("anything") Duration max, @ForAll("anything") Duration purgeAge,
			@ForAll("anything") Duration linger) {
		checkOptions(lease, renewInterval, initial, max, purgeAge, linger);
		checkOptions(purgeAge, max, initial, lease, renewInterval, linger);
		Duration third = lease.dividedBy(3);
		checkOptions(lease, third, initial, max, lease, lease);
		checkOptions(lease, third, lease, lease, lease, linger);
		checkOptions(lease, third.plusNanos(1), lease, lease, lease.minusNanos(1), lease.plusNanos(1));
	}

	private static void checkOptions(Duration lease, Duration renewInterval, Duration initial, Duration max,
			Duration purgeAge, Duration linger) {
		List<List<Duration>> broken = broken(lease, renewInterval, initial, max, purgeAge, linger);
		if (broken.isEmpty()) {
			LeaseOptions options = new LeaseOptions(lease, renewInterval, null, initial, max, purgeAge, linger);
			for (int step = 0; step < 100; step++) {
				assertThat(Backoff.pause(options.initialBackoff(), options.maxBackoff(), step)).isPositive()
					.isLessThanOrEqualTo(max.toNanos());
			}
			LeaseTerm term = new LeaseTerm("id", lease, new Instants(Long.MAX_VALUE, 0));
			assertThat(term.isHeld(new Instants(Long.MAX_VALUE, 0))).isTrue();
		}
		else {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> new LeaseOptions(lease, renewInterval, null, initial, max, purgeAge, linger))
				.satisfies((ex) -> assertThat(broken).as("relations, one of which '%s' is about", ex.getMessage())
					.anyMatch((values) -> values.stream()
						.allMatch((value) -> String.valueOf(ex.getMessage()).contains(value.toString()))));
		}
	}

	/** The values of each relation that does not hold. */
	private static List<List<Duration>> broken(Duration lease, Duration renewInterval, Duration initial, Duration max,
			Duration purgeAge, Duration linger) {
		List<List<Duration>> broken = new ArrayList<>();
		if (nanos(lease).compareTo(SECOND) < 0 || nanos(lease).compareTo(DAY) > 0) {
			broken.add(List.of(lease));
		}
		if (nanos(renewInterval).signum() <= 0
				|| nanos(renewInterval).multiply(BigInteger.valueOf(3)).compareTo(nanos(lease)) > 0) {
			broken.add(List.of(renewInterval, lease));
		}
		if (nanos(initial).signum() <= 0 || nanos(initial).compareTo(nanos(max)) > 0) {
			broken.add(List.of(initial, max));
		}
		if (nanos(max).compareTo(DAY) > 0) {
			broken.add(List.of(max));
		}
		if (nanos(purgeAge).compareTo(nanos(lease)) < 0) {
			broken.add(List.of(purgeAge, lease));
		}
		if (nanos(linger).signum() < 0 || nanos(linger).compareTo(nanos(lease)) > 0) {
			broken.add(List.of(linger, lease));
		}
		return broken;
	}

	@Property(tries = 200)
	void aStoreThatMayTakeTooLongIsRefused(@ForAll("anything") Duration answerLimit) {
		LeaseOptions options = LeaseOptions.defaults();
		if (nanos(answerLimit).add(nanos(answerLimit)).compareTo(nanos(options.leaseDuration())) <= 0) {
			return;
		}
		SimulatedStore store = new SimulatedStore(() -> 0, answerLimit);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new LeaseLockManager(store, options, "fuzz", new LockListener() {
			}))
			.withMessageContaining(answerLimit.toString())
			.withMessageContaining(options.leaseDuration().toString());
	}

	private static BigInteger nanos(Duration duration) {
		return DurationArbitraries.nanos(duration);
	}

}
