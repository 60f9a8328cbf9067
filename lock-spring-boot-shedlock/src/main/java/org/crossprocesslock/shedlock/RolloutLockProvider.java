package org.crossprocesslock.shedlock;

import java.util.Optional;

import net.javacrumbs.shedlock.core.AbstractSimpleLock;
import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;

/**
 * Takes each lock from two providers, for the time in which some instances know only the
 * one and some only the other: a job runs where both have granted its name. Instances
 * with this exclude those with the old provider, those with the new one, and each other.
 * So replace the old provider by this in all instances first, and this by the new one
 * afterwards.
 * <p>
 * Where the second provider refuses or fails, the first lock is unlocked at once. It may
 * keep the name for its {@code lockAtLeastFor} all the same, and with it the job from
 * those who know only the old provider. An extension that only one of them grants is
 * none, and both are unlocked. Safe from any thread if both are.
 * </p>
 *
 * @since 0.1.0
 */
public final class RolloutLockProvider implements ExtensibleLockProvider {

	private final LockProvider before;

	private final LockProvider after;

	/**
	 * Creates the provider.
	 * @param before the provider of the instances that are replaced
	 * @param after the provider of those that replace them
	 */
	public RolloutLockProvider(LockProvider before, LockProvider after) {
		this.before = before;
		this.after = after;
	}

	@Override
	public Optional<SimpleLock> lock(LockConfiguration configuration) {
		return this.before.lock(configuration).flatMap((first) -> {
			Optional<SimpleLock> second = Optional.empty();
			try {
				second = this.after.lock(configuration);
			}
			finally {
				if (second.isEmpty()) {
					first.unlock();
				}
			}
			return second.map((both) -> new BothLocks(configuration, first, both));
		});
	}

	/** One lock of each. */
	private static final class BothLocks extends AbstractSimpleLock {

		private final SimpleLock first;

		private final SimpleLock second;

		BothLocks(LockConfiguration configuration, SimpleLock first, SimpleLock second) {
			super(configuration);
			this.first = first;
			this.second = second;
		}

		@Override
		protected Optional<SimpleLock> doExtend(LockConfiguration configuration) {
			Optional<SimpleLock> extended = extend(this.second, configuration, this.first);
			return extended.flatMap((newSecond) -> extend(this.first, configuration, newSecond)
				.map((newFirst) -> new BothLocks(configuration, newFirst, newSecond)));
		}

		private static Optional<SimpleLock> extend(SimpleLock lock, LockConfiguration configuration, SimpleLock other) {
			Optional<SimpleLock> extended = Optional.empty();
			try {
				extended = lock.extend(configuration.getLockAtMostFor(), configuration.getLockAtLeastFor());
				return extended;
			}
			finally {
				if (extended.isEmpty()) {
					other.unlock();
				}
			}
		}

		@Override
		protected void doUnlock() {
			try {
				this.second.unlock();
			}
			finally {
				this.first.unlock();
			}
		}

	}

}
