package org.crossprocesslock.faults;

/**
 * What faults happen to.
 *
 * @param crew the processes
 * @param database their database
 */
record Scene(Crew crew, BatteryDatabase database) {

}
