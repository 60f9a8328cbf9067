package org.crossprocesslock.integration;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.integration.leader.Context;
import org.springframework.integration.leader.DefaultCandidate;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that leaders are elected by the registry, one at a time.
 */
class LeaderTests {

	private final List<Instance> instances = List.of(new Instance("one"), new Instance("two"));

	@AfterEach
	void close() {
		this.instances.forEach(Instance::close);
	}

	@Test
	void oneLeadsUntilItStopsAndThenTheOther() {
		this.instances.forEach((instance) -> instance.initiator.start());
		Instance first = leader();
		first.initiator.stop();
		await().untilAsserted(() -> assertThat(leader()).isNotSameAs(first));
		assertThat(first.leads()).isFalse();
	}

	@Test
	void leaderThatYieldsIsFollowedByTheOther() {
		this.instances.forEach((instance) -> instance.initiator.start());
		Instance first = leader();
		first.initiator.getContext().yield();
		await().until(() -> first.revoked.get() > 0);
		assertThat(leader()).isNotNull();
	}

	/** It learns of it with its next heartbeat, and not only when it stops. */
	@Test
	void leaderWhoseLockIsLostLeadsNoLonger() {
		Instance only = this.instances.get(0);
		only.initiator.start();
		await().until(() -> only.granted.get() == 1);
		long token = only.locks.inspection().orElseThrow().report("leadership").held().get(0).token();
		assertThat(only.locks.inspection().orElseThrow().release("leadership", token)).isTrue();
		await().until(() -> only.revoked.get() == 1);
		await().until(() -> only.granted.get() == 2);
	}

	/**
	 * The initiator unlocks before it tells that it leads no more, so for a moment two
	 * may seem to.
	 */
	private Instance leader() {
		return await().until(() -> this.instances.stream().filter(Instance::leads).toList(), (all) -> all.size() == 1)
			.get(0);
	}

	/** One of several instances of a service. */
	private static final class Instance extends DefaultCandidate {

		private final LockManager locks = new MemoryLockManager();

		private final CrossProcessLockRegistry registry = new CrossProcessLockRegistry(this.locks);

		private final LockRegistryLeaderInitiator initiator;

		private final AtomicInteger granted = new AtomicInteger();

		private final AtomicInteger revoked = new AtomicInteger();

		Instance(String id) {
			super(id, "leadership");
			this.initiator = new LockRegistryLeaderInitiator(this.registry, this);
			this.initiator.setHeartBeatMillis(20);
			this.initiator.setBusyWaitMillis(20);
		}

		@Override
		public void onGranted(Context context) {
			super.onGranted(context);
			this.granted.incrementAndGet();
		}

		@Override
		public void onRevoked(Context context) {
			this.revoked.incrementAndGet();
			super.onRevoked(context);
		}

		boolean leads() {
			return this.granted.get() > this.revoked.get();
		}

		void close() {
			this.initiator.destroy();
			this.registry.close();
			this.locks.close();
		}

	}

}
