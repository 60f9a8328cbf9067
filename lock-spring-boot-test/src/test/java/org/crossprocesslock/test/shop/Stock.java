package org.crossprocesslock.test.shop;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;

/**
 * What locks without an annotation.
 */
class Stock {

	private final LockManager locks;

	private final Consumer<String> shelf;

	Stock(LockManager locks, Consumer<String> shelf) {
		this.locks = locks;
		this.shelf = shelf;
	}

	int put(List<String> items) throws InterruptedException {
		int put = 0;
		try (LockGuard guard = this.locks.lock("stock", Duration.ofSeconds(30))) {
			for (String item : items) {
				guard.checkHeld();
				this.shelf.accept(item);
				put++;
			}
		}
		return put;
	}

}
