package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * What goes wrong in one schedule, and how often. Every kind of fault is missing from
 * some schedules: one kind may hide what another would bring to light.
 *
 * @param loss probability that a request or its answer is lost
 * @param slowness probability that a statement takes as long as it may
 * @param holding probability that a guard is kept for long
 * @param abandonment probability that a caller gives up just while it is being served
 * @param aim probability of a misfortune at the worst moment, right after a statement was
 * sent
 * @param pauses whether processes are paused
 * @param suspensions whether hosts are suspended, so that the monotonic clock stands
 * still
 * @param crashes whether processes die and come back
 * @param stops whether processes end in order and come back
 * @param cutOffs whether hosts lose their network for a while
 * @param clock what happens to the store's clock
 * @param purges whether unused rows are removed
 * @param noticeLoss probability that what one process tells another is lost; if it is 1
 * they tell each other nothing
 * @param storeCrashes whether the store crashes and loses releases
 */
record Weather(double loss, double slowness, double holding, double abandonment, double aim, boolean pauses,
		boolean suspensions, boolean crashes, boolean stops, boolean cutOffs, StoreClock clock, boolean purges,
		double noticeLoss, boolean storeCrashes) {

	/** What happens to the store's clock in a schedule. */
	enum StoreClock {

		STEADY, SET_BACK, SET_BACK_FAR, SET_FORWARD

	}

	/** As short as options allow, so that rows are purged within a schedule. */
	static final Duration SHORT_PURGE_AGE = Duration.ofSeconds(20);

	static Weather drawn(SplittableRandom random) {
		StoreClock clock = switch (random.nextInt(10)) {
			case 0, 1, 2 -> StoreClock.STEADY;
			case 3 -> StoreClock.SET_BACK_FAR;
			case 4, 5 -> StoreClock.SET_FORWARD;
			default -> StoreClock.SET_BACK;
		};
		return new Weather(often(random, 0.08), often(random, 0.1), often(random, 0.4), often(random, 0.3),
				often(random, 0.06), random.nextInt(4) > 0, random.nextBoolean(), random.nextInt(4) > 0,
				random.nextBoolean(), random.nextInt(4) > 0, clock, random.nextBoolean(), noticeLoss(random),
				random.nextBoolean());
	}

	private static double noticeLoss(SplittableRandom random) {
		return (random.nextInt(4) > 0) ? often(random, 0.5) : 1;
	}

	private static double often(SplittableRandom random, double most) {
		return (random.nextInt(4) > 0) ? random.nextDouble(most) : 0;
	}

	/** How far the clock is set back at most in all, so that no token may come again. */
	Duration furthestBack() {
		return (this.clock == StoreClock.SET_BACK_FAR) ? Duration.ofHours(2)
				: SHORT_PURGE_AGE.minus(Duration.ofSeconds(1));
	}

	Duration purgeAge() {
		return (this.clock == StoreClock.SET_BACK_FAR) ? LeaseOptions.DEFAULT_PURGE_AGE : SHORT_PURGE_AGE;
	}

}
