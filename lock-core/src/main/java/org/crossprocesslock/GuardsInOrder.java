package org.crossprocesslock;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

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

	private static void close(List<LockGuard> guards) {
		if (!guards.isEmpty()) {
			try (LockGuard first = guards.get(0)) {
				close(guards.subList(1, guards.size()));
			}
		}
	}

}
