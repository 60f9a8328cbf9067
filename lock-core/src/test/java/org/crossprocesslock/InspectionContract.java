package org.crossprocesslock;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.LockReport.Status;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** What a manager tells about itself. */
interface InspectionContract extends ContractFixture {

	private LockInspection inspection() {
		return manager().inspection().orElseThrow();
	}

	private List<HeldKey> held() {
		return inspection().report(key()).held();
	}

	@Test
	default void whatIsHeldIsReported() throws InterruptedException {
		try (LockGuard guard = manager().lock(request(Duration.ZERO).withName("report"))) {
			LockReport report = inspection().report(10);
			assertThat(report.status()).isEqualTo(Status.OPEN);
			assertThat(report.reason()).isNull();
			assertThat(report.guards()).isEqualTo(1);
			assertThat(report.held()).singleElement().satisfies((held) -> {
				assertThat(held.key()).isEqualTo(key());
				assertThat(held.name()).isEqualTo("report");
				assertThat(held.mode()).isEqualTo(LockMode.EXCLUSIVE);
				assertThat(held.token()).isEqualTo(guard.fencingToken());
				assertThat(held.heldFor()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
				assertThat(held.state()).isEqualTo(HeldKey.State.HELD);
			});
			assertThat(held()).singleElement().extracting(HeldKey::token).isEqualTo(guard.fencingToken());
		}
		assertThat(inspection().report(10).held()).isEmpty();
		assertThat(inspection().report(10).guards()).isZero();
		assertThat(held()).isEmpty();
	}

	@Test
	default void guardsThatShareAKeyAreReportedOneByOne() throws Exception {
		List<LockGuard> guards = SharedGuards.take(manager(), key(), 2);
		long token = guards.get(0).fencingToken();
		assertThat(guards.get(1).fencingToken()).isEqualTo(token);
		assertThat(held()).hasSize(2)
			.allMatch((held) -> held.mode() == LockMode.SHARED_IN_PROCESS)
			.allMatch((held) -> held.token() == token);
		guards.forEach(LockGuard::close);
	}

	@Test
	default void whoWaitsIsReportedKeyByKey() throws InterruptedException {
		CompletableFuture<LockGuard> first;
		try (LockGuard guard = acquire()) {
			first = manager().lockAsync(request(Duration.ofMinutes(1)));
			CompletableFuture<LockGuard> second = manager().lockAsync(request(Duration.ofMinutes(1)));
			Eventually.until("2 wait", () -> inspection().report(10).requests() == 2);
			assertThat(inspection().report(10).waiting()).singleElement().satisfies((waited) -> {
				assertThat(waited.key()).isEqualTo(key());
				assertThat(waited.requests()).isEqualTo(2);
				assertThat(waited.longestWait()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
			});
			assertThat(inspection().report(key()).waiting()).isNotNull().extracting(WaitedKey::requests).isEqualTo(2);
			second.cancel(false);
			Eventually.until("1 wait", () -> inspection().report(10).requests() == 1);
		}
		first.join().close();
		assertThat(inspection().report(10).waiting()).isEmpty();
		assertThat(inspection().report(10).requests()).isZero();
		assertThat(inspection().report(key()).waiting()).isNull();
	}

	@Test
	default void whoseTimeIsOverWaitsNoMore() throws InterruptedException {
		try (LockGuard guard = acquire()) {
			assertThat(manager().tryLock(request(Duration.ofMillis(5)))).isEmpty();
			assertThat(inspection().report(10).requests()).isZero();
			assertThat(inspection().report(guard.key()).waiting()).isNull();
		}
	}

	@Test
	default void listsAreCutAtTheLimitAndCountsAreNot() throws InterruptedException {
		try (LockGuard first = manager().tryLock(key() + ".1").orElseThrow();
				LockGuard second = manager().tryLock(key() + ".2").orElseThrow();
				LockGuard third = manager().tryLock(key() + ".3").orElseThrow()) {
			CompletableFuture<LockGuard> waits = manager()
				.lockAsync(LockRequest.of(key() + ".1", Duration.ofMinutes(1)));
			CompletableFuture<LockGuard> waitsToo = manager()
				.lockAsync(LockRequest.of(key() + ".2", Duration.ofMinutes(1)));
			Eventually.until("2 wait", () -> inspection().report(0).requests() == 2);
			LockReport report = inspection().report(1);
			assertThat(report.guards()).isEqualTo(3);
			assertThat(report.held()).hasSize(1);
			assertThat(report.waiting()).hasSize(1);
			assertThat(inspection().report(0).held()).isEmpty();
			assertThat(inspection().report(0).waiting()).isEmpty();
			assertThat(inspection().report(Integer.MAX_VALUE).held()).hasSize(3);
			waits.cancel(false);
			waitsToo.cancel(false);
		}
	}

	@Test
	default void aNegativeLimitIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> inspection().report(-1)).withMessageContaining("-1");
	}

	@Test
	default void aKeyThatNobodyHasWantedHasAnEmptyReport() {
		assertThat(inspection().report("no key at all")).isEqualTo(new KeyReport("no key at all", List.of(), null));
	}

	@Test
	default void aKeyThatAnOperatorReleasesIsLostByItsGuardsAndFree() throws InterruptedException {
		LockGuard guard = acquire();
		CountDownLatch told = new CountDownLatch(1);
		guard.onLost(told::countDown);
		assertThat(inspection().release(key(), guard.fencingToken())).isTrue();
		assertThat(guard.isHeld()).isFalse();
		assertThat(told.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		try (LockGuard next = manager().lock(request(Eventually.LIMIT))) {
			assertThat(next.fencingToken()).isGreaterThan(guard.fencingToken());
			assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close)
				.withMessageContaining("an operator");
			assertThat(next.isHeld()).as("whoever came next").isTrue();
		}
		assertThat(inspection().report(10).held()).isEmpty();
	}

	@Test
	default void guardsThatShareAKeyAreReleasedTogether() throws Exception {
		List<LockGuard> guards = SharedGuards.take(manager(), key(), 2);
		LockGuard first = guards.get(0);
		LockGuard second = guards.get(1);
		CompletableFuture<LockGuard> waits = manager().lockAsync(request(Duration.ofMinutes(1)));
		assertThat(inspection().release(key(), first.fencingToken())).isTrue();
		assertThat(first.isHeld() || second.isHeld()).isFalse();
		waits.join().close();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(first::close);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(second::close);
	}

	@Test
	default void aKeyIsNotReleasedForATokenThatItDoesNotHave() {
		LockGuard guard = acquire();
		assertThat(inspection().release(key(), guard.fencingToken() + 1)).isFalse();
		assertThat(inspection().release(key() + ".other", guard.fencingToken())).isFalse();
		assertThat(guard.isHeld()).isTrue();
		guard.close();
		assertThat(inspection().release(key(), guard.fencingToken())).isFalse();
		assertThat(isFree()).isTrue();
	}

	@Test
	default void aClosedManagerSaysSo() {
		acquire();
		manager().close();
		assertThat(inspection().report(10).status()).isEqualTo(Status.CLOSED);
		assertThat(inspection().report(10).requests()).isZero();
	}

	@Test
	default void aManagerIsClosedOnce() throws InterruptedException {
		manager().close();
		Eventually.until("some time passes", () -> inspection().report(0).statusFor().toMillis() >= 5);
		Duration before = inspection().report(0).statusFor();
		manager().close();
		assertThat(inspection().report(0).statusFor()).isGreaterThanOrEqualTo(before);
	}

}
