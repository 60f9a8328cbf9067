package org.crossprocesslock.test.recipes;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.OnBusy;
import org.crossprocesslock.test.recipes.Outbox.Message;
import reactor.core.publisher.Mono;

import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Work in several transactions, on several keys, and without a thread.
 */
@Service
class BatchWork {

	private final TransactionOperations transactions;

	private final Invoices invoices;

	private final Outbox outbox;

	private final List<Message> broker = new ArrayList<>();

	private final List<String> booked = new ArrayList<>();

	BatchWork(TransactionOperations transactions, Invoices invoices, Outbox outbox) {
		this.transactions = transactions;
		this.invoices = invoices;
		this.outbox = outbox;
	}

	@CrossProcessLocked(key = "archive", waitTime = "0s", onBusy = OnBusy.SKIP)
	public void archive() {
		for (List<Long> chunk = this.invoices.next(100); !chunk.isEmpty(); chunk = this.invoices.next(100)) {
			List<Long> numbers = chunk;
			this.transactions.executeWithoutResult((status) -> this.invoices.archive(numbers));
		}
	}

	@Scheduled(fixedDelay = 1000)
	@CrossProcessLocked(key = "outbox", waitTime = "0s", onBusy = OnBusy.SKIP)
	public void sendMessages() {
		for (Message message : this.outbox.unsent()) {
			this.broker.add(message);
			this.transactions.executeWithoutResult((status) -> this.outbox.markSent(message));
		}
	}

	@CrossProcessLocked(key = "account-#{{#from, #to}}", waitTime = "5s")
	@Transactional
	public void transfer(long from, long to, BigDecimal amount) {
		this.booked.add(from + " to " + to + ": " + amount);
	}

	@CrossProcessLocked(key = "account-#{#from}")
	@CrossProcessLocked(key = "account-#{#to}")
	public void close(long from, long to) {
		this.booked.add(from + " into " + to);
	}

	@CrossProcessLocked(key = "price-#{#item}", waitTime = "2s")
	public Mono<BigDecimal> refreshPrice(String item) {
		return fetchPrice(item).doOnNext((price) -> this.booked.add(item + ": " + price));
	}

	List<Message> sent() {
		return this.broker;
	}

	private Mono<BigDecimal> fetchPrice(String item) {
		return Mono.fromSupplier(() -> new BigDecimal(item.length()));
	}

}
