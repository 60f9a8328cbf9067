package org.crossprocesslock.integration;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.aggregator.AggregatingMessageHandler;
import org.springframework.integration.aggregator.DefaultAggregatingMessageGroupProcessor;
import org.springframework.integration.channel.QueueChannel;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.integration.store.SimpleMessageStore;
import org.springframework.integration.support.MessageBuilder;
import org.springframework.integration.util.UUIDConverter;
import org.springframework.messaging.Message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that instances of an aggregator with one store of messages work on one group one
 * at a time.
 */
class AggregatorTests {

	private static final int GROUPS = 20;

	private static final int SIZE = 10;

	private final SimpleMessageStore store = new SimpleMessageStore();

	private final QueueChannel output = new QueueChannel();

	private final List<Instance> instances = List.of(new Instance(), new Instance());

	private final LockManager elsewhere = new MemoryLockManager();

	@AfterEach
	void close() {
		this.instances.forEach(Instance::close);
		this.elsewhere.close();
	}

	@Test
	void everyGroupIsReleasedOnceWithAllItsMessages() {
		List<CompletableFuture<Void>> sent = new ArrayList<>();
		for (int message = 0; message < SIZE; message++) {
			for (int group = 0; group < GROUPS; group++) {
				Message<?> part = part("group-" + group, message + 1);
				Instance instance = this.instances.get((message + group) % this.instances.size());
				sent.add(CompletableFuture.runAsync(() -> instance.aggregator.handleMessage(part)));
			}
		}
		sent.forEach(CompletableFuture::join);
		List<Message<?>> released = this.output.clear();
		assertThat(released).hasSize(GROUPS)
			.allSatisfy((message) -> assertThat(message.getPayload()).asInstanceOf(InstanceOfAssertFactories.LIST)
				.hasSize(SIZE));
	}

	@Test
	void groupThatAnotherProcessWorksOnIsWaitedFor() {
		String key = Objects.requireNonNull(UUIDConverter.getUUID("group")).toString();
		CompletableFuture<Void> sent;
		try (LockGuard other = this.elsewhere.tryLock(key).orElseThrow()) {
			sent = CompletableFuture.runAsync(() -> this.instances.get(0).aggregator.handleMessage(part("group", 1)));
			await().until(() -> this.instances.get(0).locks.inspection().orElseThrow().report(key).waiting() != null);
			assertThat(this.store.getMessageCountForAllMessageGroups()).isZero();
		}
		sent.join();
		assertThat(this.store.getMessageCountForAllMessageGroups()).isOne();
	}

	private static Message<?> part(String group, int number) {
		return MessageBuilder.withPayload(number)
			.setCorrelationId(group)
			.setSequenceSize(SIZE)
			.setSequenceNumber(number)
			.build();
	}

	/** One of several instances of a service. */
	private final class Instance {

		private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(
				Integration.class);

		private final LockManager locks = new MemoryLockManager();

		private final CrossProcessLockRegistry registry = new CrossProcessLockRegistry(this.locks);

		private final AggregatingMessageHandler aggregator = new AggregatingMessageHandler(
				new DefaultAggregatingMessageGroupProcessor(), AggregatorTests.this.store);

		Instance() {
			this.aggregator.setBeanFactory(this.context.getBeanFactory());
			this.aggregator.setApplicationContext(this.context);
			this.aggregator.setLockRegistry(this.registry);
			this.aggregator.setOutputChannel(AggregatorTests.this.output);
			this.aggregator.afterPropertiesSet();
			this.aggregator.start();
		}

		void close() {
			this.aggregator.stop();
			this.registry.close();
			this.locks.close();
			this.context.close();
		}

	}

	/** What an aggregator needs around it. */
	@Configuration(proxyBeanMethods = false)
	@EnableIntegration
	static class Integration {

	}

}
