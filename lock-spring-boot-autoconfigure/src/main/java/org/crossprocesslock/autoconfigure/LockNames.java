package org.crossprocesslock.autoconfigure;

import java.util.Collection;

/**
 * Says which names requests will have, so that their meters are there before the first
 * one. Those of annotated methods are known; a bean of this type names those of locks
 * that are asked for by hand. Asked once, when all singletons are there.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface LockNames {

	/**
	 * The names, a small fixed set.
	 * @return the names that {@link org.crossprocesslock.LockRequest#name() requests}
	 * will have
	 */
	Collection<String> lockNames();

}
