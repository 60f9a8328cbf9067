package org.crossprocesslock;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;

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
		RuntimeException failure = null;
		for (int i = this.guards.size() - 1; i >= 0; i--) {
			failure = closed(this.guards.get(i), failure);
		}
		if (failure != null) {
			throw failure;
		}
	}

	private static @Nullable RuntimeException closed(LockGuard guard, @Nullable RuntimeException before) {
		try {
			guard.close();
			return before;
		}
		catch (RuntimeException ex) {
			if (before != null) {
				ex.addSuppressed(before);
			}
			return ex;
		}
	}

}
