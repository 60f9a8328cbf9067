package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.ManualLockManager.ManualClaim;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
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
	}

	private ManualClaim claim(String key) {
		return Objects.requireNonNull(this.claims.get(key));
	}

	private Background<LockGuards> take(String... keys) {
		return Background.call(() -> this.manager.lockAll(List.of(keys), Duration.ofSeconds(30)));
	}

	private List<String> asked() {
		return this.manager.started.stream()
			.map((attempt) -> attempt.request().key() + (attempt.request().waitTime().isZero() ? "" : " waiting"))
			.toList();
	}

	@Test
	void allThatMayBeFreeIsAskedForTogether() throws Exception {
		Background<LockGuards> caller = take("c", "a", "b");
		for (int i = 2; i >= 0; i--) {
			grant(i);
		}
		assertThat(caller.join().keys()).containsExactly("a", "b", "c");
		assertThat(asked()).containsExactly("a", "b", "c");
	}

	@Test
	void whatIsBehindABusyKeyIsGivenBackBeforeItIsWaitedFor() throws Exception {
		Background<LockGuards> caller = take("a", "b", "c", "d");
		grant(2);
		grant(0);
		ManualClaim behind = claim("c");
		attempt(1).busy(null);
		assertThat(attempt(4).request().key()).isEqualTo("b");
		assertThat(behind.releases.get()).isOne();
		assertThat(claim("a").releases.get()).isZero();
		assertThat(this.manager.abandoned).containsExactly(attempt(3));
		grant(4);
		grant(5);
		grant(6);
		assertThat(caller.join().isHeld()).isTrue();
		assertThat(asked()).containsExactly("a", "b", "c", "d", "b waiting", "c", "d");
	}

	@Test
	void aFailureGivesAllBack() throws Exception {
		Background<LockGuards> caller = take("a", "b", "c");
		grant(0);
		grant(2);
		attempt(1).failed(new LockStoreException("down", new IllegalStateException("down"), false));
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(caller::join).withMessageContaining("'b'");
		assertThat(new ArrayList<>(this.claims.values())).hasSize(2)
			.allSatisfy((claim) -> assertThat(claim.releases.get()).isOne());
	}

	@Test
	void theWaitTimeIsOneForAll() throws Exception {
		Background<LockGuards> caller = take("a", "b");
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

	@Test
	void allReleasesAreOnTheirWayBeforeTheFirstIsWaitedFor() throws Exception {
		Background<LockGuards> caller = take("a", "b");
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

	@Test
	void oneKeyIsOneRequest() throws Exception {
		Background<LockGuards> caller = take("a");
		assertThat(attempt(0).request()).isNotEqualTo(LockRequest.of("a", Duration.ZERO));
		grant(0);
		caller.join();
		assertThat(asked()).containsExactly("a waiting");
	}

}
