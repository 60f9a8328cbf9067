package org.crossprocesslock.test.shop;

import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.test.BusyKey;
import org.crossprocesslock.test.LockTester;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of a class with a lock manager, as users write them: without Spring.
 */
class StockTests {

	private final LockTester locks = LockTester.inMemory();

	private final List<String> shelf = new ArrayList<>();

	@AfterEach
	void close() {
		this.locks.lockManager().close();
	}

	@Test
	void nothingIsPutWhileTheStockIsBusy() {
		Stock stock = new Stock(this.locks.lockManager(), this.shelf::add);
		try (BusyKey busy = this.locks.busy("stock")) {
			assertThat(this.locks.call(() -> stock.put(List.of("a")))).failedWith(LockTimeoutException.class);
		}
		assertThat(this.locks.call(() -> stock.put(List.of("a")))).hasResult(1).heldOnly("stock").releasedAll();
	}

	@Test
	void stopsAtTheFirstItemAfterTheLoss() {
		Stock stock = new Stock(this.locks.lockManager(), (item) -> {
			this.shelf.add(item);
			this.locks.lose("stock");
		});
		assertThat(this.locks.call(() -> stock.put(List.of("a", "b", "c")))).failedWith(LockLostException.class);
		assertThat(this.shelf).containsExactly("a");
	}

}
