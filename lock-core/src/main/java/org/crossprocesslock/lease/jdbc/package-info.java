/**
 * Leases and locks in two tables of a relational database, over plain JDBC. A supported
 * database has a DDL script beside this package, a constant in {@code Dialect} with its
 * statements, and a subclass of the contract tests; there is no fallback for others.
 */
@NullMarked
package org.crossprocesslock.lease.jdbc;

import org.jspecify.annotations.NullMarked;
