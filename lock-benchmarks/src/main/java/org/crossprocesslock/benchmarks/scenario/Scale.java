package org.crossprocesslock.benchmarks.scenario;

import java.time.Duration;
import java.util.List;

/**
 * How much of everything there is.
 *
 * @param heldKeys numbers of keys that are held at once
 * @param waitingCallers how many callers wait
 * @param fewIdleRows rows of a small table
 * @param manyIdleRows rows of a large table
 * @param fleets how many processes wait for one key
 * @param contest for how long processes compete
 * @param settle how long to wait until things go their usual way
 * @param watch for how long to watch what happens seldom
 * @param warmUps how many warm-ups a measurement waits for at most until the compilers
 * rest
 * @param starts how often a service starts in each round
 * @param jvmOptions options of the JVMs that use locks
 */
public record Scale(List<Integer> heldKeys, int waitingCallers, int fewIdleRows, int manyIdleRows, List<Integer> fleets,
		Duration contest, Duration settle, Duration watch, int warmUps, int starts, List<String> jvmOptions) {

	/** What the results are about. */
	public static Scale full() {
		return new Scale(List.of(1, 100, 10_000), 10_000, 1_000, 5_000_000, List.of(2, 20, 60, 100, 200),
				Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofSeconds(30), 60, 4,
				List.of("-Xms256m", "-Xmx1g"));
	}

	/** Only to see that it runs, in JVMs for a short life. */
	public static Scale small() {
		return new Scale(List.of(20), 20, 100, 1_000, List.of(3), Duration.ofMillis(500), Duration.ofMillis(100),
				Duration.ofMillis(500), 1, 1, List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
	}

}
