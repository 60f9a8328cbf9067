package org.crossprocesslock;

import java.time.Instant;
import java.util.List;

/**
 * What a store says about the processes that take part.
 *
 * @param clock the store's own time
 * @param holders the processes
 * @param more whether there are more after the last one
 * @since 0.1.0
 */
public record HoldersReport(Instant clock, List<Holder> holders, boolean more) {

}
