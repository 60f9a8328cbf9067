package org.crossprocesslock.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInterruptedException;
import org.crossprocesslock.LockKeys;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.LockTimeoutException;

/**
 * Runs a bean method under a lock: waits until the key is free, runs the method, releases
 * the key.
 *
 * <pre class="code">
 * &#64;CrossProcessLocked(key = "invoice-#{#customerId}", waitTime = "5s")
 * public void bill(long customerId) { ... }
 *
 * &#64;Scheduled(cron = "0 0 3 * * *")
 * &#64;CrossProcessLocked(key = "nightly-report", waitTime = "0s", holdAtLeast = "1m", onBusy = OnBusy.SKIP)
 * public void report() { ... }
 * </pre>
 *
 * <p>
 * <b>Guaranteed:</b> while the method runs, no call or {@link LockGuard guard} with the
 * same key runs that the {@link #mode()} excludes, within the reach of the
 * {@link LockManager} bean's backend: threads, processes, machines. The lock is taken
 * before a transaction of the method begins and released after it has committed or rolled
 * back (an order of {@code @EnableTransactionManagement} that reverses this is logged at
 * start, and refused where fencing is required). Where the caller's transaction is
 * already running, the lock is kept until that one has completed, so that the next holder
 * sees what was written.
 * </p>
 * <p>
 * <b>Not guaranteed:</b> that the lock lasts. A process that is cut off from the database
 * for longer than its lease, or paused, loses its locks, see {@link LockGuard}. Then the
 * method is never silently successful: a transaction in it that is {@linkplain #fencing()
 * fenced} does not commit, and the call ends in a {@link LockLostException}, suppressed
 * in the method's own exception if it threw one; a surrounding transaction that was to be
 * committed rolls back. Only a method whose own transaction has committed after its check
 * is successful whatever happened to the lock since, as all of it was done in time. Work
 * outside of fenced transactions may have been done while others held the lock. Inside a
 * transaction that was running before the lock was taken, reads may be older than the
 * lock if the isolation level freezes them at the start of the transaction; such a
 * transaction is not fenced.
 * </p>
 * <p>
 * <b>Work that goes on:</b> a method that returns before its work is done holds the lock
 * until it is. One that returns a {@code CompletionStage} or {@code CompletableFuture}
 * takes the lock when it is called and holds it until its stage has completed, whatever
 * happens to the future that the caller has received; a failed wait is a failed stage.
 * One that returns a reactive type, and a Kotlin suspend function, take it with each
 * subscription or call without blocking any thread, run under it, and release it on
 * completion, error or cancellation; a lost lock cancels the work and ends the
 * subscription in a {@link LockLostException}. An {@code @Async} method takes it on the
 * thread that runs it. Calls inside of a subscription, with its Reactor context, are
 * re-entrant. Transactions of other threads, and reactive ones, are not
 * {@linkplain #fencing() fenced}: a method where that would surprise is refused. A method
 * that waits for its lock is an {@link IllegalStateException} on an event loop of Netty
 * and on a thread that Reactor knows as one that must not block. All of it is in
 * {@code docs/annotation.md}, with a table for each kind of method.
 * </p>
 * <p>
 * <b>Blocking and interruption:</b> blocks the calling thread for up to the
 * {@link #waitTime()}. An interrupt meanwhile ends the call in a
 * {@link LockInterruptedException} with the thread's interrupt flag set. A store that
 * failed is a {@link LockStoreException}.
 * </p>
 * <p>
 * <b>Re-entrant</b> per thread: a call inside a call (or inside a transaction) that holds
 * the same key runs under the lock that is already held. Only {@link LockMode#EXCLUSIVE}
 * inside {@link LockMode#SHARED_IN_PROCESS} of the same key would wait for itself, and is
 * an {@link IllegalStateException} at once. Guards taken from the {@link LockManager}
 * directly take no part in this.
 * </p>
 * <p>
 * <b>Several keys</b>, by repeating the annotation or by an expression that returns
 * several values, are taken in one order, all or none, within one wait time, as
 * {@link LockManager#lockAll} does: two calls never deadlock, whatever keys they name. A
 * nested call that takes further keys is outside of that order; there the wait time ends
 * a deadlock. Repeated annotations may differ in key, mode and name only.
 * </p>
 * <p>
 * On a class it applies to all its public instance methods, inherited ones included, that
 * are not annotated themselves; methods of {@link Object} are left out. Calls must go
 * through the bean: a call of a method of the same object is not intercepted. Works as a
 * meta-annotation; attributes can be overridden with
 * {@link org.springframework.core.annotation.AliasFor}.
 * </p>
 * <p>
 * <b>Refused at start</b>, with the method's name: a key or time that cannot be parsed or
 * resolved, a {@link #holdAtLeast()} in a shared mode, a final, private or static method,
 * a method that no proxy can intercept, {@link OnBusy#SKIP} on a method that has no value
 * for it, a method that does not signal when its work is done (a {@code Future} without
 * {@code @Async}), a reactive method that is transactional or an asynchronous one with
 * {@link Fencing#REQUIRED} (see above), {@link OnLost#INTERRUPT} where no thread waits
 * for the work, a method that the container calls on the bean itself and not on its proxy
 * (init and destroy methods, {@code @PostConstruct}, {@code stop()} of a
 * {@code SmartLifecycle}), a bean that is not proxied, for example because a
 * post-processor needs it before beans are proxied, and any annotated method where there
 * is no {@link LockManager} bean, for example because of
 * {@code cross-process-lock.enabled=false}. What is made later, lazily or in a scope, is
 * refused when it is made.
 * </p>
 *
 * @since 0.1.0
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Repeatable(CrossProcessLocked.List.class)
public @interface CrossProcessLocked {

	/**
	 * The key, as a template. <code>${&hellip;}</code> placeholders are resolved at
	 * start. <code>#{&hellip;}</code> is a SpEL expression, evaluated with each call:
	 * arguments by name (the class must be compiled with {@code -parameters}) or as
	 * {@code #p0}, {@code #a0}; {@code #root.method}, {@code #root.target},
	 * {@code #root.targetClass} and {@code #root.args}; beans as {@code @name}.
	 * {@code #lockKey(#tenant, #order.id)} makes an allowed key of any values as
	 * {@link LockKeys#of} does, which is for what comes from outside and for keys of
	 * several parts. Everything else is plain text.
	 * <p>
	 * An expression may return a collection or an array, as in
	 * <code>account-#{{#from, #to}}</code>: then each value makes a key, with the text
	 * around it, and all of them are locked. One that is empty is an error, so that
	 * nothing runs without a lock.
	 * </p>
	 * <p>
	 * The result must be an allowed key, see {@link LockRequest#key()}; if not, or if an
	 * expression returns {@code null} or nothing, the call fails with an
	 * {@link IllegalArgumentException} that names method and expression, before anything
	 * is locked.
	 * </p>
	 * @return the template of the key
	 */
	String key();

	/**
	 * The name of the {@link LockManager} bean that locks; <code>${&hellip;}</code>
	 * placeholders are resolved. Empty for the only or primary one.
	 * @return the name of a bean
	 */
	String manager() default "";

	/**
	 * How long to wait for other holders, for example {@code 10s}, {@code 500ms} or
	 * {@code PT1M}; {@code 0s} for one attempt; <code>${&hellip;}</code> placeholders are
	 * resolved. Empty for the property {@code cross-process-lock.default-wait-time}.
	 * @return the wait time
	 */
	String waitTime() default "";

	/**
	 * The minimum time for which the key stays busy for all others from the moment it is
	 * granted to a call, however soon the method returns, for example {@code 1m};
	 * <code>${&hellip;}</code> placeholders are resolved. So a job that every instance
	 * schedules runs once, as long as their clocks differ by less, and less than it takes
	 * until the next run. With locks in a database it lasts through a shutdown and a kill
	 * of the process; in memory as long as the process; locks in files refuse it. It does
	 * not need the lease, and may be longer. It is
	 * {@link LockRequest#LONGEST_HOLD_AT_LEAST} at most and needs
	 * {@link LockMode#EXCLUSIVE}. Empty or zero: the key is free when the method has
	 * returned. A nested call for the same key runs under the lock of the outer one; this
	 * attribute then has no effect.
	 * @return the time from the grant
	 * @see LockRequest#holdAtLeast()
	 */
	String holdAtLeast() default "";

	/**
	 * What to do when others held the key for the whole wait time.
	 * @return whether to fail with a {@link LockTimeoutException} or to skip the method
	 */
	OnBusy onBusy() default OnBusy.FAIL;

	/**
	 * The name of a method of the same class to run without a lock when others held the
	 * key for the whole wait time. It has the same parameters, may have a
	 * {@link LockTimeoutException} behind them, and returns what this method returns, a
	 * stage or a publisher included. It is no locked method itself, and is called on the
	 * bean, not on its proxy: its other annotations do nothing. Empty for
	 * {@link #onBusy()}.
	 * @return the name of a method
	 */
	String fallback() default "";

	/**
	 * Which other calls and guards to exclude.
	 * @return the mode of the lock
	 */
	LockMode mode() default LockMode.EXCLUSIVE;

	/**
	 * Whether transactions that begin inside the method, of this thread and on the
	 * DataSource that has the lock tables, are checked right before they commit: one that
	 * finds the lock taken rolls back with a {@link LockLostException}. Costs one
	 * statement in each of them; those that are read-only or roll back are left alone.
	 * {@link Fencing#AUTO} is what the property {@code cross-process-lock.fencing} says,
	 * by default to do it where it is possible. With {@link Fencing#REQUIRED} the
	 * application does not start if no transaction manager works on the DataSource of the
	 * locks, a transaction that cannot be checked does not commit, and a call inside a
	 * transaction that was begun before the lock is taken is an
	 * {@link IllegalStateException}.
	 * @return what to do about transactions
	 */
	Fencing fencing() default Fencing.AUTO;

	/**
	 * What to do, besides failing, when the lock is lost while the method runs.
	 * @return whether to interrupt the running thread as well
	 */
	OnLost onLost() default OnLost.FAIL;

	/**
	 * The name for metrics and traces; plain text, <code>${&hellip;}</code> placeholders
	 * are resolved. Never an expression, which would give every key its own time series.
	 * Empty for {@code SimpleClassName.method}.
	 * @return the name
	 */
	String name() default "";

	/**
	 * Several locks of one method.
	 *
	 * @since 0.1.0
	 */
	@Target({ ElementType.METHOD, ElementType.TYPE })
	@Retention(RetentionPolicy.RUNTIME)
	@Inherited
	@Documented
	@interface List {

		/**
		 * The locks, all of which are taken.
		 * @return at least one
		 */
		CrossProcessLocked[] value();

	}

}
