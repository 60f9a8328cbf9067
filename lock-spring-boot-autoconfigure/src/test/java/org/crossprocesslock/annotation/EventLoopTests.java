package org.crossprocesslock.annotation;

import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutorGroup;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for calls on the event loops of Netty, which serve many and must not wait.
 */
class EventLoopTests {

	private final MemoryLockManager locks = new MemoryLockManager();

	private void run(JobsCheck check) {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, () -> this.locks)
			.withBean(Jobs.class)
			.run((context) -> {
				Jobs jobs = context.getBean(Jobs.class);
				check.accept(jobs);
				assertThat(this.locks.tryLock("job")).isPresent();
			});
	}

	private static <T> T get(Future<T> future) throws Exception {
		return future.get(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS);
	}

	@ParameterizedTest
	@EnumSource
	void methodThatWaitsIsRefused(Loops kind) {
		run((jobs) -> {
			EventLoopGroup loops = kind.make();
			try {
				for (Future<?> call : Set.of(loops.submit(jobs::work), loops.submit(jobs::several),
						loops.next().submit(jobs::work))) {
					assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> get(call))
						.havingCause()
						.isInstanceOf(IllegalStateException.class)
						.withMessageContainingAll("must not wait", "Mono", "boundedElastic");
				}
				assertThat(jobs.runs()).hasValue(0);
			}
			finally {
				var unused = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	void reactiveMethodRuns(Loops kind) {
		run((jobs) -> {
			EventLoopGroup loops = kind.make();
			try {
				assertThat(Mono.defer(jobs::later).subscribeOn(Schedulers.fromExecutor(loops)).block(Soon.LIMIT))
					.isOne();
			}
			finally {
				var unused = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
			}
		});
	}

	/**
	 * Netty has them for handlers that block, and libraries name their threads by its.
	 */
	@Test
	void otherThreadsOfNettyMayWait() {
		run((jobs) -> {
			EventExecutorGroup executors = new DefaultEventExecutorGroup(1);
			ExecutorService threads = Executors.newSingleThreadExecutor(new DefaultThreadFactory("work"));
			try {
				get(executors.submit(jobs::work));
				get(threads.submit(jobs::work));
				assertThat(jobs.runs()).hasValue(2);
			}
			finally {
				var unused = executors.shutdownGracefully(0, 0, TimeUnit.SECONDS);
				threads.shutdown();
			}
		});
	}

	/** Event loops as applications have them. */
	enum Loops {

		LOCAL {
			@Override
			EventLoopGroup make() {
				return new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
			}
		},

		NIO {
			@Override
			EventLoopGroup make() {
				return new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
			}
		},

		ON_PLAIN_THREADS {
			@Override
			EventLoopGroup make() {
				return new MultiThreadIoEventLoopGroup(1, Executors.defaultThreadFactory(), NioIoHandler.newFactory());
			}
		};

		abstract EventLoopGroup make();

	}

	/** What a test does with the bean. */
	interface JobsCheck {

		void accept(Jobs jobs) throws Exception;

	}

	static class Jobs {

		private final AtomicInteger runs = new AtomicInteger();

		@CrossProcessLocked(key = "job", waitTime = "1m")
		public void work() {
			this.runs.incrementAndGet();
		}

		@CrossProcessLocked(key = "job", waitTime = "1m")
		@CrossProcessLocked(key = "other", waitTime = "1m")
		public void several() {
			this.runs.incrementAndGet();
		}

		@CrossProcessLocked(key = "job", waitTime = "1m")
		public Mono<Integer> later() {
			return Mono.fromSupplier(() -> this.runs.incrementAndGet());
		}

		AtomicInteger runs() {
			return this.runs;
		}

	}

}
