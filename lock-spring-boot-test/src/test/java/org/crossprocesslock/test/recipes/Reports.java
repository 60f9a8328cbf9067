package org.crossprocesslock.test.recipes;

import java.util.concurrent.atomic.AtomicInteger;

import org.springframework.stereotype.Component;

/**
 * Reports that are written.
 */
@Component
class Reports {

	private final AtomicInteger written = new AtomicInteger();

	void write() {
		this.written.incrementAndGet();
	}

	int written() {
		return this.written.get();
	}

}
