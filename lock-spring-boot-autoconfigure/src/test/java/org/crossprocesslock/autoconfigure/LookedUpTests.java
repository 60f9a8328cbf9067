package org.crossprocesslock.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what is looked up in the container.
 */
class LookedUpTests {

	private static final Executor THREADS = (task) -> new Thread(task).start();

	private final AtomicInteger asked = new AtomicInteger();

	@Test
	void isAskedForOnce() {
		Supplier<Integer> bean = new LookedUp<>(this.asked::incrementAndGet);
		assertThat(bean.get()).isOne();
		assertThat(bean.get()).isOne();
	}

	/** The first one may be waiting for a container that another one has locked. */
	@Test
	void threadDoesNotWaitForAnotherThatAsks() throws InterruptedException {
		CountDownLatch asking = new CountDownLatch(1);
		CompletableFuture<String> container = new CompletableFuture<>();
		Supplier<String> bean = new LookedUp<>(() -> {
			if (this.asked.incrementAndGet() > 1) {
				return "bean";
			}
			asking.countDown();
			return container.join();
		});
		CompletableFuture<String> first = CompletableFuture.supplyAsync(bean, THREADS);
		asking.await();
		CompletableFuture<String> second = CompletableFuture.supplyAsync(bean, THREADS);
		assertThat(second).succeedsWithin(Duration.ofSeconds(30)).isEqualTo("bean");
		container.complete("bean");
		assertThat(first.join()).isEqualTo("bean");
	}

}
