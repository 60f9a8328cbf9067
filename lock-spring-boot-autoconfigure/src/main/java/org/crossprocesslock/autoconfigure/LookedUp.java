package org.crossprocesslock.autoconfigure;

import java.util.function.Supplier;

import org.crossprocesslock.Internal;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectFactory;

/**
 * Asks the container once, as a look-up takes longer than a call, and without a lock,
 * unlike {@code SingletonSupplier}: the container may have to wait for another thread
 * that asks as well. Safe from any thread.
 *
 * @param <T> the type of what is found
 * @since 0.1.0
 */
@Internal
public final class LookedUp<T> implements Supplier<T> {

	private final ObjectFactory<T> container;

	private volatile @Nullable T found;

	/**
	 * Creates it without asking.
	 * @param container what to ask, twice if two threads come at once
	 */
	public LookedUp(ObjectFactory<T> container) {
		this.container = container;
	}

	@Override
	public T get() {
		T known = this.found;
		if (known == null) {
			known = this.container.getObject();
			this.found = known;
		}
		return known;
	}

}
