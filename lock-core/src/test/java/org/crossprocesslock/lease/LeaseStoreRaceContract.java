package org.crossprocesslock.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What holds when several processes use the tables at once. */
abstract class LeaseStoreRaceContract extends StoreInspectionContract {

	private static final int RACERS = 16;

	private static final int FRESH_KEYS = 200;

	private static final int ROUNDS = 150;

	@Test
	void freshKeyIsGrantedToExactlyOneOfManyRacers() throws Exception {
		Map<String, AtomicInteger> winners = new ConcurrentHashMap<>();
		CyclicBarrier start = new CyclicBarrier(RACERS);
		race(RACERS, (store, lease) -> {
			start.await();
			for (int i = 0; i < FRESH_KEYS; i++) {
				AcquireResult result = acquire(store, lease, "key-" + i).get(0);
				if (result instanceof Granted) {
					winners.computeIfAbsent(result.key(), (key) -> new AtomicInteger()).incrementAndGet();
				}
				else {
					assertThat(result).isInstanceOf(Busy.class);
				}
			}
		});
		assertThat(winners).hasSize(FRESH_KEYS).allSatisfy((key, count) -> assertThat(count).hasValue(1));
	}

	@Test
	void heldKeysAreNeverGrantedToAnotherAndTokensGrow() throws Exception {
		Map<String, String> holders = new ConcurrentHashMap<>();
		Map<String, Long> tokens = new ConcurrentHashMap<>();
		AtomicInteger grants = new AtomicInteger();
		race(6, (store, lease) -> {
			for (int round = 0; round < ROUNDS || grants.get() <= ROUNDS; round++) {
				List<ReleaseOrder> held = new ArrayList<>();
				for (AcquireResult result : acquire(store, lease, "a", "b", "c")) {
					if (result instanceof Granted grant) {
						assertThat(holders.put(grant.key(), lease)).isNull();
						Long last = tokens.put(grant.key(), grant.token());
						assertThat(grant.token())
							.isGreaterThanOrEqualTo((last != null) ? last + LeaseStore.TOKENS_PER_GRANT : 0);
						held.add(new ReleaseOrder(grant.key(), lease, grant.token()));
						grants.incrementAndGet();
					}
				}
				held.forEach((order) -> assertThat(holders.remove(order.key())).isEqualTo(lease));
				Set<String> locked = store.release(held, List.of());
				while (!locked.isEmpty()) {
					// by another racer, which has found the row free before and taken
					// since
					locked = store.release(held, List.of());
				}
			}
		});
		assertThat(grants).hasValueGreaterThan(ROUNDS);
		assertThat(store().look(List.of("a", "b", "c")).keys()).allMatch((seen) -> seen.leaseId() == null);
	}

	@Test
	void keyOfADeadLeaseIsGrantedToExactlyOneOfManyRacers() throws Exception {
		int racers = 4;
		LeaseStore first = store();
		String dead = openLease(first);
		List<String> keys = IntStream.range(0, 20).mapToObj((i) -> "key-" + i).toList();
		keys.forEach((key) -> grant(first, dead, key));
		first.end(dead);
		Map<String, AtomicInteger> winners = new ConcurrentHashMap<>();
		CyclicBarrier start = new CyclicBarrier(racers);
		race(racers, (store, lease) -> {
			for (String key : keys) {
				start.await();
				if (store.acquire(lease, Long.MAX_VALUE, List.of(new AcquireOrder(key, dead, false)))
					.get(0) instanceof Granted) {
					winners.computeIfAbsent(key, (won) -> new AtomicInteger()).incrementAndGet();
				}
			}
		});
		assertThat(winners).hasSize(keys.size()).allSatisfy((key, count) -> assertThat(count).hasValue(1));
	}

	@Test
	void expiredLeaseIsEitherRenewedOrReaped() throws Exception {
		LeaseStore renewing = store();
		LeaseStore reaping = store();
		ExecutorService executor = Executors.newFixedThreadPool(2);
		try {
			for (int round = 0; round < ROUNDS; round++) {
				String lease = openLease(renewing);
				expire(lease);
				CyclicBarrier start = new CyclicBarrier(2);
				Future<Boolean> reaped = executor.submit(() -> {
					start.await();
					return reaping.reap(lease);
				});
				Future<Boolean> renewed = executor.submit(() -> {
					start.await();
					TimeUnit.MICROSECONDS.sleep(ThreadLocalRandom.current().nextInt(200));
					return renewing.renew(lease).isPresent();
				});
				assertThat(renewed.get()).isNotEqualTo(reaped.get());
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	/** Runs it in as many threads, each with a store and a lease of its own. */
	private void race(int racers, Racer racer) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(racers);
		try {
			List<Callable<Void>> tasks = new ArrayList<>();
			for (int i = 0; i < racers; i++) {
				LeaseStore store = store();
				String lease = openLease(store);
				tasks.add(() -> {
					racer.run(store, lease);
					return null;
				});
			}
			for (Future<Void> task : executor.invokeAll(tasks)) {
				task.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	/** What one process does. */
	private interface Racer {

		void run(LeaseStore store, String lease) throws Exception;

	}

}
