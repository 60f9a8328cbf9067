/**
 * Named locks that exclude other threads, other processes and other machines.
 *
 * <h2>Picking a backend</h2>
 * <table>
 * <caption>What each {@link org.crossprocesslock.LockManager} excludes</caption>
 * <tr>
 * <th>Manager</th>
 * <th>threads</th>
 * <th>processes of one host</th>
 * <th>machines</th>
 * <th>after the holder's crash</th>
 * <th>needs</th>
 * </tr>
 * <tr>
 * <td>{@code memory.MemoryLockManager}</td>
 * <td>yes</td>
 * <td>no</td>
 * <td>no</td>
 * <td>does not apply</td>
 * <td>nothing</td>
 * </tr>
 * <tr>
 * <td>{@code file.PidFileLockManager}</td>
 * <td>yes</td>
 * <td>a second one is refused at its start</td>
 * <td>only on POSIX-compliant NFS, kind FCNTL</td>
 * <td>free at once</td>
 * <td>a directory</td>
 * </tr>
 * <tr>
 * <td>{@code file.PerKeyFileLockManager}</td>
 * <td>yes</td>
 * <td>yes, key by key</td>
 * <td>only on POSIX-compliant NFS</td>
 * <td>free at once</td>
 * <td>a directory</td>
 * </tr>
 * <tr>
 * <td>{@code lease.LeaseLockManager} over {@code lease.jdbc.JdbcLeaseStore}</td>
 * <td>yes</td>
 * <td>yes</td>
 * <td>yes</td>
 * <td>free after at most one lease duration</td>
 * <td>a database</td>
 * </tr>
 * </table>
 *
 * <h2>What callers must guarantee</h2>
 * <ul>
 * <li>Always use one backend per data set. Two backends do not exclude each other.</li>
 * <li>Use the same table or directory in every process that works on the data set.</li>
 * <li>Keep the guard: it stands for the lock, on any thread.</li>
 * </ul>
 *
 * <h2>What if the lease runs out while I work?</h2> The answer is in
 * {@link org.crossprocesslock.LockGuard}, in one place.
 */
@NullMarked
package org.crossprocesslock;

import org.jspecify.annotations.NullMarked;
