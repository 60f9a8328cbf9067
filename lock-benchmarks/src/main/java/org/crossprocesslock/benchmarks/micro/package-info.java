/**
 * What happens inside one process, measured by JMH.
 */
@NullMarked
package org.crossprocesslock.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
