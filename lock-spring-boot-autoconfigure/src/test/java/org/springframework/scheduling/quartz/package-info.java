/**
 * Stand-in for a part of Spring that is not on the class path.
 */
@NullMarked
package org.springframework.scheduling.quartz;

import org.jspecify.annotations.NullMarked;
