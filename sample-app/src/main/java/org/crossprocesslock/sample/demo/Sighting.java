package org.crossprocesslock.sample.demo;

import org.crossprocesslock.sample.worker.WorkerEvent;

/**
 * An event as the demo saw it.
 *
 * @param worker the number of the worker, from 1
 * @param event what it told
 * @param nanoTime when, by this process's monotonic clock
 */
record Sighting(int worker, WorkerEvent event, long nanoTime) {

}
