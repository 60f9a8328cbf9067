package org.crossprocesslock.benchmarks.micro;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.resilience.annotation.ConcurrencyLimit;
import org.springframework.resilience.annotation.EnableResilientMethods;

/** What an annotation costs, with locks in memory so that nothing else does. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls start first
public class AnnotatedCalls {

	private static final Duration WAIT_TIME = Duration.ofMinutes(1);

	private ConfigurableApplicationContext context;

	private LockManager manager;

	private Counter plain;

	private Counter bean;

	/** Starts the beans. */
	@Setup
	public void start() {
		this.context = new SpringApplicationBuilder(Service.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.properties("cross-process-lock.backend=memory",
					"spring.autoconfigure.exclude=org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
			.run();
		this.manager = this.context.getBean(LockManager.class);
		this.plain = new Counter();
		this.bean = this.context.getBean(Counter.class);
	}

	/** Stops the beans. */
	@TearDown
	public void stop() {
		this.context.close();
	}

	/** No lock, no bean. */
	@Benchmark
	public long plainCall() {
		return this.plain.count(4711);
	}

	/** A lock, no annotation. */
	@Benchmark
	public long lockManagerCall() throws InterruptedException {
		try (LockGuard guard = this.manager.lock("counter", WAIT_TIME)) {
			return this.plain.count(4711);
		}
	}

	/** A lock around a piece of work, which like the annotation hands out no guard. */
	@Benchmark
	public long callLockedCall() throws Exception {
		return this.manager.callLocked(LockRequest.of("counter", WAIT_TIME), () -> this.plain.count(4711));
	}

	/** A lock by annotation. */
	@Benchmark
	public long annotatedCall() {
		return this.bean.countLocked(4711);
	}

	/** A lock by annotation, with an argument in the key. */
	@Benchmark
	public long annotatedCallWithExpression() {
		return this.bean.countLockedByExpression(4711);
	}

	/** Spring's own annotation, which lets one thread in at a time. */
	@Benchmark
	public long concurrencyLimitCall() {
		return this.bean.countLimited(4711);
	}

	/** What is called. */
	static class Counter {

		private long counter;

		long count(long by) {
			this.counter += by;
			return this.counter;
		}

		@CrossProcessLocked(key = "counter", waitTime = "1m")
		long countLocked(long by) {
			return count(by);
		}

		@CrossProcessLocked(key = "counter-#{#by}", waitTime = "1m")
		long countLockedByExpression(long by) {
			return count(by);
		}

		@ConcurrencyLimit(1)
		long countLimited(long by) {
			return count(by);
		}

	}

	/** The beans. */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableResilientMethods(proxyTargetClass = true)
	static class Service {

		@Bean
		Counter counter() {
			return new Counter();
		}

	}

}
