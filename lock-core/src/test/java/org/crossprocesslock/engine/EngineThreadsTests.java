package org.crossprocesslock.engine;

import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.StarvedCopy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EngineThreadsTests {

	// what applications and frameworks do with requests, tenants and identities
	private static final InheritableThreadLocal<@Nullable String> TENANT = new InheritableThreadLocal<>();

	@Test
	@SuppressWarnings("ThreadPriorityCheck")
	void aThreadInheritsNothingFromItsMaker() throws Exception {
		CompletableFuture<@Nullable String> tenant = new CompletableFuture<>();
		Thread thread = Background.call(() -> {
			TENANT.set("blue");
			Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
			Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[0]));
			return EngineThreads.daemon("cross-process-lock-test", () -> tenant.complete(TENANT.get()));
		}).join();
		thread.start();
		Eventually.until("the thread has run", tenant::isDone);
		assertThat(tenant.join()).isNull();
		assertThat(thread.getPriority()).isEqualTo(Thread.NORM_PRIORITY);
		assertThat(thread.getContextClassLoader()).isSameAs(EngineThreads.class.getClassLoader());
		assertThat(thread.isDaemon()).isTrue();
		assertThat(thread.getName()).isEqualTo("cross-process-lock-test");
	}

	@Test
	void aGuardNeedsNoThreadOfThisLibrary() throws Exception {
		try (StarvedCopy copy = new StarvedCopy()) {
			copy.starve("cross-process-lock-cleaner");
			for (int i = 0; i < 2; i++) {
				copy.memory().tryLock("key").orElseThrow().close();
			}
		}
	}

	@Test
	void aFreeKeyIsGrantedWhereNoThreadCanBeMade() throws Exception {
		try (StarvedCopy copy = new StarvedCopy()) {
			copy.starve("cross-process-lock-future", "cross-process-lock-deadlines");
			LockManager manager = copy.memory();
			LockGuard guard = manager.lockAsync(LockRequest.of("key", Eventually.LIMIT))
				.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
			assertThat(guard.closeAsync()).succeedsWithin(Eventually.LIMIT);
		}
	}

	@Test
	void whatWaitsForAThreadIsTakenUpByTheNextRequest() throws Exception {
		try (StarvedCopy copy = new StarvedCopy()) {
			copy.starve("cross-process-lock-lost", "cross-process-lock-deadlines");
			CountDownLatch told = new CountDownLatch(1);
			try (LockManager manager = copy.memory()) {
				manager.lock("key", Eventually.LIMIT).onLost(told::countDown);
			}
			assertThat(told.getCount()).isOne();
			copy.feed();
			try (LockManager manager = copy.memory()) {
				manager.tryLock("key").orElseThrow().close();
			}
			assertThat(told.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	void nothingKeepsAnApplicationThatHasEnded() throws Exception {
		WeakReference<ClassLoader> application = new WeakReference<>(runOnce());
		Eventually.until("its classes are unloaded", () -> {
			System.gc();
			return application.get() == null;
		});
	}

	/** In a frame of its own, whose end leaves nothing that refers to the application. */
	private static ClassLoader runOnce() throws Exception {
		try (StarvedCopy copy = new StarvedCopy(); LockManager manager = copy.memory()) {
			manager.lockAsync(LockRequest.of("key", Eventually.LIMIT))
				.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)
				.close();
			manager.lock("key", Eventually.LIMIT).close();
			return copy;
		}
	}

	@Test
	void aCallbackSeesNothingOfWhoCausedIt() throws Exception {
		CompletableFuture<@Nullable String> tenant = new CompletableFuture<>();
		var unused = Background.call(() -> {
			TENANT.set("blue");
			Callbacks.LOSSES.run(() -> tenant.complete(TENANT.get()));
			return true;
		}).join();
		Eventually.until("the callback has run", tenant::isDone);
		assertThat(tenant.join()).isNull();
	}

}
