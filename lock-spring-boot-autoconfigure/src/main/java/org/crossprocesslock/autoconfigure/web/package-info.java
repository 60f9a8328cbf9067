/**
 * What a web client is told when a lock is busy.
 */
@NullMarked
package org.crossprocesslock.autoconfigure.web;

import org.jspecify.annotations.NullMarked;
