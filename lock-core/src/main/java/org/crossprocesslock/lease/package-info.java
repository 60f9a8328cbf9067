/**
 * Locks that depend on one lease per process, over any store that can keep two small
 * tables: the pure state machine of the protocol, the shell that runs it, and the
 * {@link org.crossprocesslock.lease.LeaseStore} that it uses.
 */
@NullMarked
package org.crossprocesslock.lease;

import org.jspecify.annotations.NullMarked;
