package org.crossprocesslock.benchmarks.micro;

import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
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

/**
 * What it costs to watch a call of an annotated method. The meters are fed by a thread of
 * its own, whose time and memory count here, too.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WatchedCalls {

	/** Nobody watches. */
	@Benchmark
	public long unwatchedCall(Unwatched service) {
		return service.work.count(1);
	}

	/** With meters. */
	@Benchmark
	public long measuredCall(Measured service) {
		return service.work.count(1);
	}

	/** With an observation registry to which nobody listens. */
	@Benchmark
	public long unheardCall(Unheard service) {
		return service.work.count(1);
	}

	/** With an observation that makes meters, as Spring Boot's does. */
	@Benchmark
	public long observedCall(Observed service) {
		return service.work.count(1);
	}

	/** A service that runs. */
	@State(Scope.Benchmark)
	@SuppressWarnings("NullAway.Init") // JMH calls start first
	public static class Unwatched {

		private ConfigurableApplicationContext context;

		Work work;

		/** Starts it. */
		@Setup
		public void start() {
			this.context = new SpringApplicationBuilder(configuration()).web(WebApplicationType.NONE)
				.bannerMode(Banner.Mode.OFF)
				.properties("cross-process-lock.backend=memory",
						"spring.autoconfigure.exclude=org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
				.run();
			this.work = this.context.getBean(Work.class);
		}

		/** Stops it. */
		@TearDown
		public void stop() {
			this.context.close();
		}

		Class<?> configuration() {
			return Service.class;
		}

	}

	/** With meters. */
	public static class Measured extends Unwatched {

		@Override
		Class<?> configuration() {
			return MeasuredService.class;
		}

	}

	/** With a registry of observations without a handler. */
	public static class Unheard extends Unwatched {

		@Override
		Class<?> configuration() {
			return UnheardService.class;
		}

	}

	/** With a handler. */
	public static class Observed extends Unwatched {

		@Override
		Class<?> configuration() {
			return ObservedService.class;
		}

	}

	/** What is called. */
	static class Work {

		private long counter;

		@CrossProcessLocked(key = "work", waitTime = "1m")
		long count(long by) {
			this.counter += by;
			return this.counter;
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Service {

		@Bean
		Work work() {
			return new Work();
		}

	}

	static class MeasuredService extends Service {

		@Bean
		MeterRegistry meters() {
			return new SimpleMeterRegistry();
		}

	}

	static class UnheardService extends Service {

		@Bean
		ObservationRegistry observations() {
			return ObservationRegistry.create();
		}

	}

	static class ObservedService extends Service {

		@Bean
		ObservationRegistry observations() {
			ObservationRegistry registry = ObservationRegistry.create();
			registry.observationConfig()
				.observationHandler(new DefaultMeterObservationHandler(new SimpleMeterRegistry()));
			return registry;
		}

	}

}
