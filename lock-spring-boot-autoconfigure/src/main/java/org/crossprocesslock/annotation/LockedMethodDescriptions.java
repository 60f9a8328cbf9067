package org.crossprocesslock.annotation;

import java.util.Comparator;
import java.util.List;

import org.crossprocesslock.Internal;

/**
 * The methods of an application that run under a lock, as far as their beans were looked
 * at: those of lazy and scoped beans are there when the bean has been made. Safe from any
 * thread.
 *
 * @since 0.1.0
 */
@Internal
public final class LockedMethodDescriptions {

	private final LockedMethods methods;

	LockedMethodDescriptions(LockedMethods methods) {
		this.methods = methods;
	}

	/**
	 * All of them.
	 * @return descriptions in the order of classes and methods
	 */
	public List<LockedMethodDescription> all() {
		return this.methods.all()
			.stream()
			.flatMap(LockedMethod::describe)
			.distinct()
			.sorted(Comparator.comparing(LockedMethodDescription::method))
			.toList();
	}

}
