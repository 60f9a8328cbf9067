package org.crossprocesslock.lease;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.crossprocesslock.Background;
import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.FailingListener;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.ShortStacks;
import org.crossprocesslock.engine.TimeSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** A manager with its real threads on a host and a store that are in trouble. */
class LeaseManagerTroubleTests {

	private static final LockListener SILENT = new LockListener() {
	};

	private static final int STACKS = 20;

	private final HangingStore store = new HangingStore();

	@AfterEach
	void letGo() {
		this.store.goesOn.countDown();
	}

	@Test
	void closeReturnsAlthoughTheStoreNeverAnswers() throws Exception {
		LeaseLockManager manager = new LeaseLockManager(this.store, LeaseOptions.defaults(), "test", SILENT);
		LockGuard guard = manager.lock("key", Eventually.LIMIT);
		CountDownLatch lost = new CountDownLatch(1);
		guard.onLost(lost::countDown);
		this.store.hangs = true;
		assertThat(Background.call(() -> {
			manager.close();
			return true;
		}).join()).isTrue();
		assertThat(guard.isHeld()).isFalse();
		assertThat(lost.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		Eventually.until("its connections are closed all the same", () -> this.store.closes.get() == 1);
	}

	@Test
	void closeReturnsAlthoughTheConnectionsOfTheStoreDoNotClose() throws Exception {
		LeaseLockManager manager = new LeaseLockManager(this.store, LeaseOptions.defaults(), "test", SILENT);
		manager.lock("key", Eventually.LIMIT).close();
		this.store.hangsInClose = true;
		assertThat(Background.call(() -> {
			manager.close();
			return true;
		}).join()).isTrue();
		Eventually.until("its lease has ended", () -> this.store.leaseCount() == 0);
	}

	@Test
	void aStoreThatFailsToCloseIsNobodysTrouble() {
		this.store.failsToClose = true;
		LeaseLockManager manager = new LeaseLockManager(this.store, LeaseOptions.defaults(), "test", SILENT);
		manager.close();
		manager.close();
		assertThat(this.store.leaseCount()).isZero();
	}

	@Test
	void aLeaseThatRanOutWhileTheHostSleptIsLostLongBeforeTheNextRenewal() throws Exception {
		AtomicLong slept = new AtomicLong();
		TimeSource time = new TimeSource() {

			@Override
			public long nanos() {
				return System.nanoTime();
			}

			@Override
			public long wallMillis() {
				return System.currentTimeMillis() + slept.get();
			}

		};
		LeaseOptions options = LeaseOptions.defaults().withLeaseDuration(Duration.ofHours(1));
		try (LeaseLockManager manager = new LeaseLockManager(this.store, options, "test", SILENT, new Host(time))) {
			LockGuard guard = manager.lock("key", Eventually.LIMIT);
			CountDownLatch lost = new CountDownLatch(1);
			guard.onLost(lost::countDown);
			slept.set(Duration.ofHours(2).toMillis());
			assertThat(lost.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	void everybodyIsToldWhenManyGuardsAreLostAtOnce() throws Exception {
		int guards = 3000;
		AtomicInteger heard = new AtomicInteger();
		LockListener counting = new LockListener() {

			@Override
			public void onLost(LockRequest request, long fencingToken, String reason) {
				heard.incrementAndGet();
				throw FailingListener.<RuntimeException>sneaky(new IOException("checked"));
			}

		};
		CountDownLatch called = new CountDownLatch(guards);
		try (CapturedLog log = new CapturedLog();
				LeaseLockManager manager = new LeaseLockManager(this.store, LeaseOptions.defaults(), "test",
						counting)) {
			List<CompletableFuture<LockGuard>> asked = new ArrayList<>();
			for (int i = 0; i < guards; i++) {
				asked.add(manager.lockAsync(LockRequest.of("key-" + i, Eventually.LIMIT)));
			}
			for (CompletableFuture<LockGuard> each : asked) {
				each.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS).onLost(() -> {
					called.countDown();
					throw FailingListener.<RuntimeException>sneaky(new IOException("checked"));
				});
			}
			assertThat(this.store.takeOver("test")).isOne();
			assertThat(called.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			Eventually.until("the listener has heard of all", () -> heard.get() == guards);
			// the log is written beside the listener and the callbacks
			Eventually.until("the loss is logged",
					() -> log.warnings().anyMatch((line) -> line.contains("Lost with it")));
			assertThat(log.warnings()).as("twenty are named")
				.filteredOn((line) -> line.contains("Lost with it"))
				.singleElement()
				.asString()
				.contains(" and 2980 more. ");
		}
	}

	@Test
	void nothingIsLeftOfABeginningForWhichThereAreTooFewThreads() throws Exception {
		AtomicInteger made = new AtomicInteger();
		AtomicInteger ended = new AtomicInteger();
		Host starved = new Host(TimeSource.SYSTEM) {

			@Override
			StoreCaller caller(String name, LeaseStore store) {
				if (made.get() == 2) {
					made.incrementAndGet();
					throw new OutOfMemoryError("unable to create native thread");
				}
				made.incrementAndGet();
				StoreCaller caller = super.caller(name, store);
				return new StoreCaller() {

					@Override
					public void make(Command command, Consumer<Command.Answer> then) {
						caller.make(command, then);
					}

					@Override
					public void end() {
						ended.incrementAndGet();
						caller.end();
					}

				};
			}

		};
		try (LeaseLockManager manager = new LeaseLockManager(this.store, LeaseOptions.defaults(), "test", SILENT,
				starved)) {
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> manager.lock("key", Duration.ZERO))
				.withMessageContaining("unable to create native thread");
			assertThat(ended).as("that of the lease and the first for keys").hasValue(2);
			manager.lock("key", Eventually.LIMIT).close();
		}
	}

	@Test
	void aCallerAtTheEndOfItsStackHarmsNobodyElse() throws Exception {
		try (LeaseLockManager manager = new LeaseLockManager(this.store, LeaseOptions.defaults(), "test", SILENT)) {
			ShortStacks.useUp(manager, STACKS, (stack) -> manager.lock("other", Eventually.LIMIT).close());
		}
	}

	@Test
	void whateverIsDoneWithTooLittleRoomOnAStackHarmsNobodyElse() throws Exception {
		try (LeaseLockManager manager = new LeaseLockManager(this.store, LeaseOptions.defaults(), "test", SILENT);
				LockGuard bystander = manager.lock("bystander", Eventually.LIMIT)) {
			AtomicInteger keys = new AtomicInteger();
			// one that was granted where there was no room left to close it is forgotten
			Runnable request = () -> manager.tryLock("key-" + keys.incrementAndGet()).ifPresent(LockGuard::close);
			ShortStacks.withAnyRoom(request);
			assertThat(bystander.isHeld()).as("after requests").isTrue();
			LockGuard guard = manager.lock("key", Eventually.LIMIT);
			ShortStacks.withAnyRoom(guard::close);
			assertThat(bystander.isHeld()).as("after closes").isTrue();
			assertThat(guard.isHeld()).isFalse();
			CompletableFuture<LockGuard> asked = manager.lockAsync(LockRequest.of("bystander", Duration.ofMinutes(1)));
			ShortStacks.withAnyRoom(() -> asked.cancel(false));
			ShortStacks.withAnyRoom(bystander::clearDirty);
			ShortStacks.withAnyRoom(() -> bystander.onLost(() -> {
			}));
			assertThat(bystander.isHeld()).as("after all else").isTrue();
			manager.lock("key", Eventually.LIMIT).close();
		}
	}

	@Test
	void aCommitThatBeginsWithTooLittleRoomOnAStackHarmsNobodyElse() throws Exception {
		try (LeaseLockManager manager = new LeaseLockManager(this.store, LeaseOptions.defaults(), "test", SILENT);
				LockGuard bystander = manager.lock("bystander", Eventually.LIMIT);
				LockGuard guard = manager.lock("key", Eventually.LIMIT)) {
			ShortStacks.withAnyRoom(() -> GuardInCommit.begin(this.store, guard).end(true));
			assertThat(bystander.isHeld()).isTrue();
			assertThat(guard.isHeld()).isTrue();
		}
	}

	/** A store that can stop answering, and then holds up nobody else. */
	@SuppressWarnings("UnsynchronizedOverridesSynchronized")
	private static final class HangingStore extends SimulatedStore {

		private final CountDownLatch goesOn = new CountDownLatch(1);

		private volatile boolean hangs;

		private volatile boolean hangsInClose;

		private volatile boolean failsToClose;

		private final AtomicInteger closes = new AtomicInteger();

		HangingStore() {
			super(() -> TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()), Duration.ofMillis(500));
		}

		@Override
		public void end(String leaseId) {
			hang(this.hangs);
			super.end(leaseId);
		}

		@Override
		public void close() {
			this.closes.incrementAndGet();
			if (this.failsToClose) {
				throw FailingListener.<RuntimeException>sneaky(new IOException("checked"));
			}
			hang(this.hangs || this.hangsInClose);
		}

		private void hang(boolean hanging) {
			try {
				if (hanging) {
					this.goesOn.await();
				}
			}
			catch (InterruptedException ex) {
				throw new AssertionError(ex);
			}
		}

	}

}
