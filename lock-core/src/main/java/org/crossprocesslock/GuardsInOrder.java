package org.crossprocesslock;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Guards of any managers as one.
 */
record GuardsInOrder(List<LockGuard> guards) implements LockGuards {

	GuardsInOrder(Collection<? extends LockGuard> guards) {
		this(guards.stream().<LockGuard>map((guard) -> guard).sorted(Comparator.comparing(LockGuard::key)).toList());
	}

	GuardsInOrder {
		if (guards.isEmpty() || guards.stream().map(LockGuard::key).distinct().count() < guards.size()) {
			throw new IllegalArgumentException("Guards of different keys are needed, at least one: " + guards);
		}
	}

	@Override
	public void close() {
		close(this.guards);
	}

	static CompletableFuture<Void> closeAsync(List<LockGuard> guards) {
		List<CompletableFuture<Void>> closing = guards.stream().map(GuardsInOrder::beginClose).toList();
		CompletableFuture<Void> closed = new CompletableFuture<>();
		var unused = CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new)).whenComplete((all, failure) -> {
			List<Throwable> failures = closing.stream().flatMap(GuardsInOrder::failure).toList();
			if (failures.isEmpty()) {
				closed.complete(null);
			}
			else {
				Throwable first = failures.get(0);
				failures.stream().filter((other) -> other != first).forEach(first::addSuppressed);
				closed.completeExceptionally(first);
			}
		});
		return closed;
	}

	private static CompletableFuture<Void> beginClose(LockGuard guard) {
		try {
			return guard.closeAsync();
		}
		catch (Throwable ex) {
			// the others are closed all the same
			return CompletableFuture.failedFuture(ex);
		}
	}

	private static Stream<Throwable> failure(CompletableFuture<Void> ended) {
		return ended.handle((none, failure) -> Stream.ofNullable(failure)).join();
	}

	private static void close(List<LockGuard> guards) {
		if (!guards.isEmpty()) {
			try (LockGuard first = guards.get(0)) {
				close(guards.subList(1, guards.size()));
			}
		}
	}

}
