package org.crossprocesslock.sample.worker;

import java.time.Duration;

import org.crossprocesslock.sample.invoice.InvoiceNumbering;
import org.crossprocesslock.sample.invoice.SlowInvoiceRenderer;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

@Configuration(proxyBeanMethods = false)
@Profile("worker")
class WorkerConfiguration {

	@Bean
	StallingRenderer invoiceRenderer(@Value("${sample.rendering-time}") Duration renderingTime) {
		return new StallingRenderer(new SlowInvoiceRenderer(renderingTime));
	}

	@Bean
	LockProgress lockProgress() {
		return new LockProgress();
	}

	@Bean
	Instructions instructions(StallingRenderer renderer) {
		return new Instructions(renderer);
	}

	@Bean
	Worker worker(InvoiceNumbering numbering, Instructions instructions) {
		return new Worker(numbering, instructions);
	}

}
