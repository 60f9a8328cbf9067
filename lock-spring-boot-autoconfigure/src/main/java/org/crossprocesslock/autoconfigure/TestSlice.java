package org.crossprocesslock.autoconfigure;

/**
 * There is one such bean in a slice of the application that a test has cut out, and none
 * in an application.
 */
final class TestSlice {

}
