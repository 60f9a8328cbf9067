package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Failed;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What every {@link LeaseStore} does, sentence by sentence of its Javadoc. */
public abstract class LeaseStoreContract extends LeaseStoreAnswerContract {

	@Test
	void absentKeyIsGrantedWithTheClockAsTokenAndNoPreviousLease() {
		LeaseStore store = store();
		String lease = openLease(store);
		long before = clockMicros();
		Granted grant = grant(store, lease, "k");
		assertThat(grant.token()).isBetween(before, clockMicros());
		assertThat(grant.previousLeaseId()).isNull();
		KeyLook seen = look(store, "k");
		assertThat(seen.leaseId()).isEqualTo(lease);
		assertThat(seen.token()).isEqualTo(grant.token());
	}

	@Test
	void freedKeyIsGrantedWithTheLastLeaseAsPreviousOne() {
		LeaseStore store = store();
		String first = openLease(store);
		String second = openLease(store);
		Granted before = grant(store, first, "k");
		release(store, first, before);
		Granted after = grant(store, second, "k");
		assertThat(after.previousLeaseId()).isEqualTo(first);
		assertThat(after.token()).isGreaterThanOrEqualTo(before.token() + LeaseStore.TOKENS_PER_GRANT);
		release(store, second, after);
		assertThat(grant(store, second, "k").previousLeaseId()).isEqualTo(second);
	}

	@Test
	void tokenGrowsByAThousandWhereTheClockIsBehind() {
		LeaseStore store = store();
		String lease = openLease(store);
		release(store, lease, grant(store, lease, "k"));
		long future = clockMicros() + Duration.ofDays(365).toMillis() * 1000;
		setToken("k", future);
		assertThat(grant(store, lease, "k").token()).isEqualTo(future + LeaseStore.TOKENS_PER_GRANT);
	}

	@Test
	void rowOfTheLeaseThatTheOrderCallsDeadIsGranted() {
		LeaseStore store = store();
		String dead = openLease(store);
		String lease = openLease(store);
		Granted before = grant(store, dead, "k");
		store.end(dead);
		Granted after = grant(store, lease, "k", dead);
		assertThat(after.previousLeaseId()).isEqualTo(dead);
		assertThat(after.token()).isGreaterThanOrEqualTo(before.token() + LeaseStore.TOKENS_PER_GRANT);
	}

	@Test
	void batchHasOneResultForEachOrder() {
		LeaseStore store = store();
		String other = openLease(store);
		String lease = openLease(store);
		grant(store, other, "b");
		release(store, other, grant(store, other, "c"));
		grant(store, lease, "d");
		List<AcquireResult> results = acquire(store, lease, "a", "b", "c", "d");
		assertThat(results).extracting(AcquireResult::key).containsExactlyInAnyOrder("a", "b", "c", "d");
		assertThat(results).filteredOn(Busy.class::isInstance)
			.extracting((busy) -> seen(busy).leaseId())
			.containsExactlyInAnyOrder(other, lease);
		assertThat(results).filteredOn(Granted.class::isInstance)
			.asInstanceOf(InstanceOfAssertFactories.list(Granted.class))
			.extracting(Granted::previousLeaseId)
			.containsExactlyInAnyOrder(null, other);
	}

	@Test
	void largeBatchIsGrantedAndFreed() {
		LeaseStore store = store();
		String lease = openLease(store);
		String[] keys = new String[500];
		Arrays.setAll(keys, (i) -> String.format(Locale.ROOT, "key-%03d", i));
		List<AcquireResult> results = acquire(store, lease, keys);
		assertThat(results).hasSize(keys.length).allMatch(Granted.class::isInstance);
		store.release(results.stream().map((r) -> new ReleaseOrder(r.key(), lease, ((Granted) r).token())).toList(),
				List.of());
		assertThat(store.look(List.of(keys)).keys()).hasSize(keys.length).allMatch((seen) -> seen.leaseId() == null);
	}

	@Test
	void emptyBatchesDoNothing() {
		LeaseStore store = store();
		assertThat(store.acquire(openLease(store), Long.MAX_VALUE, List.of())).isEmpty();
		assertThat(store.look(List.of()).keys()).isEmpty();
		assertThat(store.release(List.of(), List.of())).isEmpty();
	}

	@Test
	void keysThatDifferInCaseAreTwoKeys() {
		LeaseStore store = store();
		String lease = openLease(store);
		assertThat(acquire(store, lease, "K", "k")).hasSize(2).allMatch(Granted.class::isInstance);
	}

	@Test
	void rowThatCannotBeProcessedFailsAloneAndIsNotWritten() {
		LeaseStore store = store();
		String lease = openLease(store);
		release(store, lease, grant(store, lease, "bad"));
		setToken("bad", Long.MAX_VALUE - 10);
		List<AcquireResult> results = acquire(store, lease, "a", "b", "bad", "c", "d");
		assertThat(results).hasSize(5)
			.filteredOn(Granted.class::isInstance)
			.extracting(AcquireResult::key)
			.containsExactlyInAnyOrder("a", "b", "c", "d");
		assertThat(results).filteredOn(Failed.class::isInstance)
			.singleElement()
			.asInstanceOf(InstanceOfAssertFactories.type(Failed.class))
			.satisfies((failed) -> {
				assertThat(failed.key()).isEqualTo("bad");
				assertThat(failed.failure()).hasMessageContaining("'bad'").hasCauseInstanceOf(Exception.class);
			});
		assertThat(acquire(store, lease, "bad")).singleElement().isInstanceOf(Failed.class);
		assertThat(look(store, "bad").leaseId()).isNull();
		assertThat(look(store, "bad").token()).isEqualTo(Long.MAX_VALUE - 10);
	}

	@Test
	void lockedRowIsBusyAtOnceAndDoesNotHoldUpOthers() throws Exception {
		LeaseStore store = patientStore();
		String lease = openLease(store);
		release(store, lease, grant(store, lease, "locked"));
		release(store, lease, grant(store, lease, "a"));
		try (AutoCloseable lock = lockRow("locked")) {
			long started = System.nanoTime();
			List<AcquireResult> results = acquire(store, lease, "a", "locked", "z");
			assertNothingWasWaitedFor(started);
			assertThat(results).hasSize(3)
				.filteredOn(Busy.class::isInstance)
				.extracting(AcquireResult::key)
				.containsExactly("locked");
			assertThat(results).filteredOn(Granted.class::isInstance).hasSize(2);
		}
		grant(store, lease, "locked");
	}

	@Test
	void releaseFreesTheRowAndKeepsItsToken() {
		LeaseStore store = store();
		String lease = openLease(store);
		Granted grant = grant(store, lease, "k");
		release(store, lease, grant);
		assertThat(look(store, "k")).isEqualTo(new KeyLook("k", null, grant.token(), null));
	}

	@Test
	void releaseOfAForeignTokenLeaseOrKeyChangesNothing() {
		LeaseStore store = store();
		String lease = openLease(store);
		Granted grant = grant(store, lease, "k");
		store.release(List.of(new ReleaseOrder("j", lease, grant.token()),
				new ReleaseOrder("k", lease, grant.token() - 1), new ReleaseOrder("k", lease, grant.token() + 1),
				new ReleaseOrder("k", openLease(store), grant.token())), List.of());
		assertThat(look(store, "k").leaseId()).isEqualTo(lease);
	}

	@Test
	void releaseFreesWhatMatchesAmongWhatDoesNot() {
		LeaseStore store = store();
		String lease = openLease(store);
		Granted first = grant(store, lease, "a");
		Granted second = grant(store, lease, "b");
		store.release(
				List.of(new ReleaseOrder("a", lease, first.token()), new ReleaseOrder("b", lease, second.token() - 1)),
				List.of());
		assertThat(look(store, "a").leaseId()).isNull();
		assertThat(look(store, "b").leaseId()).isEqualTo(lease);
	}

	@Test
	void lookAtAnAbsentKeyFindsNothing() {
		assertThat(look(store(), "k")).isEqualTo(new KeyLook("k", null, 0, null));
	}

	@Test
	void lookHasOneAnswerForEachKeyAndDoesNotWait() throws Exception {
		LeaseStore store = patientStore();
		String lease = openLease(store);
		Granted grant = grant(store, lease, "held");
		release(store, lease, grant(store, lease, "free"));
		try (AutoCloseable lock = lockRow("held")) {
			long started = System.nanoTime();
			List<KeyLook> looks = store.look(List.of("absent", "free", "held")).keys();
			assertNothingWasWaitedFor(started);
			assertThat(looks).extracting(KeyLook::key).containsExactlyInAnyOrder("absent", "free", "held");
			assertThat(looks).filteredOn((seen) -> seen.lease() != null)
				.singleElement()
				.extracting(KeyLook::token)
				.isEqualTo(grant.token());
		}
	}

}
