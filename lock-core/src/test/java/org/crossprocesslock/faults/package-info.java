/**
 * Real processes and real databases under faults drawn from a seed: whatever happens to
 * them, no two unexpired guards exclude each other in vain, fencing tokens grow, and all
 * goes on by itself afterwards.
 */
@NullMarked
package org.crossprocesslock.faults;

import org.jspecify.annotations.NullMarked;
