package org.crossprocesslock.test.recipes;

import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockKeys;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.OnBusy;

import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionOperations;

/**
 * What the README shows, and locks without the annotation.
 */
@Service
class OrderService {

	private final LockManager locks;

	private final TransactionOperations transactions;

	private final Invoices invoices;

	private final Reports reports;

	private final Stock stock;

	OrderService(LockManager locks, TransactionOperations transactions, Invoices invoices, Reports reports,
			Stock stock) {
		this.locks = locks;
		this.transactions = transactions;
		this.invoices = invoices;
		this.reports = reports;
		this.stock = stock;
	}

	@CrossProcessLocked(key = "billing-#{#customerId}", waitTime = "5s")
	@Transactional
	public void bill(long customerId) {
		this.invoices.add(customerId);
	}

	@Scheduled(cron = "0 0 3 * * *")
	@CrossProcessLocked(key = "nightly-report", waitTime = "0s", holdAtLeast = "10m", onBusy = OnBusy.SKIP)
	public void report() {
		this.reports.write();
	}

	public void reserve(String item) throws InterruptedException {
		LockRequest request = LockRequest.of(LockKeys.of("stock", item), Duration.ofSeconds(5));
		this.locks.runLocked(request,
				() -> this.transactions.executeWithoutResult((status) -> this.stock.reserve(item)));
	}

	public void reserveAll(Set<String> items) throws InterruptedException {
		Set<String> keys = items.stream().map((item) -> LockKeys.of("stock", item)).collect(Collectors.toSet());
		try (LockGuards guards = this.locks.lockAll(keys, Duration.ofSeconds(5))) {
			this.transactions.executeWithoutResult((status) -> items.forEach((item) -> this.stock.reserve(item)));
		}
	}

	public boolean reserveElsewhere(String item) throws InterruptedException {
		try (LockGuard guard = this.locks.lock(LockKeys.of("stock", item), Duration.ofSeconds(5))) {
			return this.stock.reserve(item, guard.fencingToken());
		}
	}

	public boolean reserveIfFree(String item) {
		return this.locks.tryLock(LockKeys.of("stock", item)).map((guard) -> {
			try (guard) {
				return this.stock.reserve(item, guard.fencingToken());
			}
		}).orElse(false);
	}

}
