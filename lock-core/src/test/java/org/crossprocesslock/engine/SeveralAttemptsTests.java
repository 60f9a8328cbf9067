package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.ManualLockManager.ManualClaim;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What is asked when, for several keys. */
class SeveralAttemptsTests {

	private final Map<String, ManualClaim> claims = new ConcurrentSkipListMap<>();

	private final ManualLockManager manager = new ManualLockManager(new LockListener() {
	}, (attempt) -> {
	});

	private LockAttempt attempt(int number) throws InterruptedException {
		Eventually.until("attempt " + number, () -> this.manager.started.size() > number);
		return this.manager.started.get(number);
	}

	private void grant(int number) throws InterruptedException {
		LockAttempt attempt = attempt(number);
		ManualClaim claim = new ManualClaim();
		this.claims.put(attempt.request().key(), claim);
		attempt.deliver(attempt.hold(claim));
		// on another thread, and what comes next must not overtake it
		Eventually.until("attempt " + number + " is granted", attempt.future()::isDone);
	}

	private ManualClaim claim(String key) {
		return Objects.requireNonNull(this.claims.get(key));
	}

	private Background<LockGuards> take(boolean async, String... keys) {
		List<LockRequest> requests = Stream.of(keys).map((key) -> LockRequest.of(key, Duration.ofSeconds(30))).toList();
		return Background
			.call(() -> async ? this.manager.lockAllAsync(requests).join() : this.manager.lockAll(requests));
	}

	private List<String> asked() {
		return this.manager.started.stream()
			.map((attempt) -> attempt.request().key() + (attempt.request().waitTime().isZero() ? "" : " waiting"))
			.toList();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void allThatMayBeFreeIsAskedForTogether(boolean async) throws Exception {
		Background<LockGuards> caller = take(async, "c", "a", "b");
		for (int i = 2; i >= 0; i--) {
			grant(i);
		}
		assertThat(caller.join().keys()).containsExactly("a", "b", "c");
		assertThat(asked()).containsExactly("a", "b", "c");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whatIsBehindABusyKeyIsGivenBackBeforeItIsWaitedFor(boolean async) throws Exception {
		Background<LockGuards> caller = take(async, "a", "b", "c", "d");
		grant(2);
		grant(0);
		ManualClaim behind = claim("c");
		attempt(1).busy(null);
		assertThat(attempt(4).request().key()).isEqualTo("b");
		Eventually.until("c is given back", () -> behind.releases.get() == 1);
		assertThat(claim("a").releases.get()).isZero();
		Eventually.until("d is given up", () -> this.manager.abandoned.equals(List.of(this.manager.started.get(3))));
		grant(4);
		grant(5);
		grant(6);
		assertThat(caller.join().isHeld()).isTrue();
		assertThat(asked()).containsExactly("a", "b", "c", "d", "b waiting", "c", "d");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aFailureGivesAllBack(boolean async) throws Exception {
		Background<LockGuards> caller = take(async, "a", "b", "c");
		grant(0);
		grant(2);
		attempt(1).failed(new LockStoreException("down", new IllegalStateException("down"), false));
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(caller::join).withMessageContaining("'b'");
		areGivenBack("a", "c");
	}

	private void areGivenBack(String... keys) throws InterruptedException {
		assertThat(this.claims).containsOnlyKeys(keys);
		Eventually.until("all are given back",
				() -> this.claims.values().stream().allMatch((claim) -> claim.releases.get() == 1));
	}

	/** Whoever has the lost key now would work at the same time. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aKeyThatIsLostWhileAnotherIsWaitedForFailsAll(boolean async) throws Exception {
		Background<LockGuards> caller = take(async, "a", "b");
		grant(0);
		attempt(1).busy(null);
		attempt(2);
		claim("a").held = false;
		grant(2);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(caller::join).withMessageContaining("'a'");
		areGivenBack("a", "b");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void theWaitTimeIsOneForAll(boolean async) throws Exception {
		Background<LockGuards> caller = take(async, "a", "b");
		attempt(0).busy(null);
		Duration first = attempt(2).request().waitTime();
		assertThat(first).isLessThan(Duration.ofSeconds(30));
		grant(2);
		Duration second = attempt(3).request().waitTime();
		assertThat(second).isLessThan(first);
		grant(3);
		caller.join().close();
		assertThat(this.claims.values()).allSatisfy((claim) -> assertThat(claim.releases.get()).isOne());
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void allReleasesAreOnTheirWayBeforeTheFirstIsWaitedFor(boolean async) throws Exception {
		Background<LockGuards> caller = take(async, "a", "b");
		grant(0);
		grant(1);
		LockGuards guards = caller.join();
		ManualClaim slow = claim("a");
		slow.released = new CompletableFuture<>();
		Background<Boolean> closing = Background.call(() -> {
			guards.close();
			return true;
		});
		Eventually.until("b is released", () -> claim("b").releases.get() == 1);
		assertThat(closing.isDone()).isFalse();
		slow.released.complete(null);
		assertThat(closing.join()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void oneKeyIsOneRequest(boolean async) throws Exception {
		Background<LockGuards> caller = take(async, "a");
		assertThat(attempt(0).request()).isNotEqualTo(LockRequest.of("a", Duration.ZERO));
		grant(0);
		caller.join();
		assertThat(asked()).containsExactly("a waiting");
	}

	@Test
	void aPromiseThatIsCancelledGivesAllBack() throws Exception {
		CompletableFuture<LockGuards> promise = this.manager
			.lockAllAsync(Stream.of("a", "b", "c").map((key) -> LockRequest.of(key, Duration.ofSeconds(30))).toList());
		grant(2);
		grant(0);
		attempt(1).busy(null);
		LockAttempt waiting = attempt(3);
		assertThat(promise.cancel(false)).isTrue();
		Eventually.until("the last one is given up", () -> this.manager.abandoned.contains(waiting));
		areGivenBack("a", "c");
		grant(3);
		Eventually.until("the late grant is given back", () -> claim("b").releases.get() == 1);
		assertThat(this.manager.started).hasSize(4);
	}

	@Test
	void aPromiseThatIsCancelledWhileItAsksForMoreForgetsThatToo() throws Exception {
		List<CompletableFuture<LockGuards>> promises = new CopyOnWriteArrayList<>();
		ManualLockManager cancelled = new ManualLockManager(new LockListener() {
		}, (attempt) -> {
			if (!attempt.request().waitTime().isZero()) {
				assertThat(promises.get(0).cancel(false)).isTrue();
			}
		});
		promises.add(cancelled
			.lockAllAsync(Stream.of("a", "b").map((key) -> LockRequest.of(key, Duration.ofSeconds(30))).toList()));
		cancelled.started.get(0).busy(null);
		Eventually.until("the last attempt is forgotten",
				() -> cancelled.started.size() == 3 && cancelled.abandoned.contains(cancelled.started.get(2)));
	}

	@Test
	void aPromiseThatIsCancelledWhenAllIsThereGivesAllBack() throws Exception {
		CompletableFuture<LockGuards> promise = this.manager
			.lockAllAsync(List.of(LockRequest.of("a", Duration.ofSeconds(30))));
		ManualClaim claim = new ManualClaim();
		claim.whenAsked = () -> promise.cancel(false);
		attempt(0).deliver(attempt(0).hold(claim));
		Eventually.until("it is given back", () -> claim.releases.get() == 1);
		assertThat(promise).isCancelled();
	}

	@Test
	void aPromiseThatMeetsTheEndOfItsManagerFails() throws Exception {
		CompletableFuture<LockGuards> promise = this.manager
			.lockAllAsync(Stream.of("a", "b").map((key) -> LockRequest.of(key, Duration.ofSeconds(30))).toList());
		grant(1);
		attempt(0).failed(AttemptingLockManager.closedException());
		assertThatException().isThrownBy(() -> promise.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS))
			.havingCause()
			.isInstanceOf(IllegalStateException.class);
		Eventually.until("b is given back", () -> claim("b").releases.get() == 1);
	}

	/** The thread of whoever closes is not kept, however long a release takes. */
	@Test
	void allReleasesAreOnTheirWayWhileNobodyWaits() throws Exception {
		Background<LockGuards> caller = take(true, "a", "b");
		grant(0);
		grant(1);
		LockGuards guards = caller.join();
		ManualClaim slow = claim("a");
		slow.released = new CompletableFuture<>();
		CompletableFuture<Void> closed = guards.closeAsync();
		assertThat(closed).isNotDone();
		assertThat(claim("b").releases.get()).isOne();
		slow.released.complete(null);
		closed.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
		assertThat(guards.closeAsync()).isCompleted();
		assertThat(this.claims.values()).allSatisfy((claim) -> assertThat(claim.releases.get()).isOne());
	}

	@Test
	void everyLossIsToldByAPromisedClose() throws Exception {
		Background<LockGuards> caller = take(true, "a", "b", "c");
		for (int i = 0; i < 3; i++) {
			grant(i);
		}
		LockGuards guards = caller.join();
		claim("a").held = false;
		claim("c").held = false;
		assertThat(guards.closeAsync()).failsWithin(Eventually.LIMIT)
			.withThrowableThat()
			.havingCause()
			.isInstanceOf(LockLostException.class)
			.withMessageContaining("'a'")
			.satisfies((loss) -> assertThat(loss.getSuppressed()).singleElement()
				.asString()
				.contains(LockLostException.class.getName(), "'c'"));
	}

}
