package org.crossprocesslock.shedlock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import net.javacrumbs.shedlock.core.ClockProvider;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.crossprocesslock.LockManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for instances with ShedLock's table, with both, and with locks of this library
 * only, each in its own process to the locks, all of them on one database.
 */
class RolloutLockProviderTests {

	private static final Duration LONG = Duration.ofMinutes(5);

	private final LockDatabase database = new LockDatabase();

	private final LockManager locksOfBoth = this.database.process("both");

	private final LockManager locksOfNew = this.database.process("new");

	private final CrossProcessLockProvider newOfBoth = new CrossProcessLockProvider(this.locksOfBoth);

	private final LockProvider onlyOld = old();

	private final RolloutLockProvider both = new RolloutLockProvider(old(), this.newOfBoth);

	private final CrossProcessLockProvider onlyNew = new CrossProcessLockProvider(this.locksOfNew);

	@AfterEach
	void close() {
		this.newOfBoth.close();
		this.onlyNew.close();
		this.locksOfBoth.close();
		this.locksOfNew.close();
	}

	@Test
	void firstHalfOfTheRolloutNeverRunsAJobTwiceAtOnce() throws Exception {
		assertThat(mostAtOnce(List.of(this.onlyOld, this.both))).isOne();
	}

	@Test
	void secondHalfOfTheRolloutNeverRunsAJobTwiceAtOnce() throws Exception {
		assertThat(mostAtOnce(List.of(this.both, this.onlyNew))).isOne();
	}

	/** Why there are two halves. */
	@Test
	void oldAndNewAloneRunAJobTwiceAtOnce() {
		SimpleLock old = this.onlyOld.lock(job("job")).orElseThrow();
		this.onlyNew.lock(job("job")).orElseThrow().unlock();
		old.unlock();
	}

	@Test
	void whoHoldsEitherKeepsBothOut() {
		SimpleLock old = this.onlyOld.lock(job("job")).orElseThrow();
		assertThat(this.both.lock(job("job"))).isEmpty();
		old.unlock();
		SimpleLock fresh = this.onlyNew.lock(job("job")).orElseThrow();
		assertThat(this.both.lock(job("job"))).isEmpty();
		this.onlyOld.lock(job("job")).orElseThrow().unlock();
		fresh.unlock();
		SimpleLock held = this.both.lock(job("job")).orElseThrow();
		assertThat(this.onlyOld.lock(job("job"))).isEmpty();
		assertThat(this.onlyNew.lock(job("job"))).isEmpty();
		held.unlock();
		this.onlyOld.lock(job("job")).orElseThrow().unlock();
		this.onlyNew.lock(job("job")).orElseThrow().unlock();
	}

	@Test
	void bothAreKeptForTheShortestTime() {
		LockConfiguration kept = new LockConfiguration(ClockProvider.now(), "job", LONG, LONG);
		this.both.lock(kept).orElseThrow().unlock();
		assertThat(this.onlyOld.lock(job("job"))).isEmpty();
		assertThat(this.onlyNew.lock(job("job"))).isEmpty();
	}

	@Test
	void bothAreExtended() {
		SimpleLock extended = this.both.lock(job("job")).orElseThrow().extend(LONG, Duration.ZERO).orElseThrow();
		assertThat(this.onlyOld.lock(job("job"))).isEmpty();
		assertThat(this.onlyNew.lock(job("job"))).isEmpty();
		extended.unlock();
		this.both.lock(job("job")).orElseThrow().unlock();
	}

	@Test
	void extensionThatOneRefusesIsNone() {
		SimpleLock lock = this.both.lock(job("job")).orElseThrow();
		new JdbcTemplate(this.database.dataSource).update("update shedlock set lock_until = locked_at");
		assertThat(lock.extend(LONG, Duration.ZERO)).isEmpty();
		this.onlyNew.lock(job("job")).orElseThrow().unlock();

		SimpleLock another = this.both.lock(job("another")).orElseThrow();
		long token = this.locksOfBoth.inspection().orElseThrow().report("another").held().get(0).token();
		this.locksOfBoth.inspection().orElseThrow().release("another", token);
		assertThat(another.extend(LONG, Duration.ZERO)).isEmpty();
		this.onlyOld.lock(job("another")).orElseThrow().unlock();
	}

	@Test
	void failureOfTheSecondFreesTheFirst() {
		this.locksOfBoth.close();
		assertThatIllegalStateException().isThrownBy(() -> this.both.lock(job("job")));
		this.onlyOld.lock(job("job")).orElseThrow().unlock();
	}

	@Test
	void failureToUnlockTheSecondFreesTheFirst() {
		SimpleLock lock = this.both.lock(job("job")).orElseThrow();
		long token = this.locksOfBoth.inspection().orElseThrow().report("job").held().get(0).token();
		this.locksOfBoth.inspection().orElseThrow().release("job", token);
		assertThat(catchThrowable(lock::unlock)).isNotNull();
		this.onlyOld.lock(job("job")).orElseThrow().unlock();
	}

	/** Until each provider has run its job for some times. */
	private int mostAtOnce(List<LockProvider> providers) throws Exception {
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		ExecutorService threads = Executors.newFixedThreadPool(2 * providers.size());
		try {
			List<Callable<Void>> instances = new ArrayList<>();
			for (LockProvider provider : providers) {
				Callable<Void> instance = () -> {
					DefaultLockingTaskExecutor executor = new DefaultLockingTaskExecutor(provider);
					AtomicInteger runs = new AtomicInteger();
					while (runs.get() < 15) {
						executor.executeWithLock((Runnable) () -> {
							most.accumulateAndGet(running.incrementAndGet(), Math::max);
							LockSupport.parkNanos(100_000);
							running.decrementAndGet();
							runs.incrementAndGet();
						}, job("job"));
					}
					return null;
				};
				instances.add(instance);
				instances.add(instance);
			}
			for (Future<Void> instance : threads.invokeAll(instances)) {
				instance.get();
			}
			return most.get();
		}
		finally {
			threads.shutdownNow();
		}
	}

	private LockProvider old() {
		return new JdbcTemplateLockProvider(JdbcTemplateLockProvider.Configuration.builder()
			.withJdbcTemplate(new JdbcTemplate(this.database.dataSource))
			.usingDbTime()
			.build());
	}

	private static LockConfiguration job(String name) {
		return new LockConfiguration(ClockProvider.now(), name, LONG, Duration.ZERO);
	}

}
