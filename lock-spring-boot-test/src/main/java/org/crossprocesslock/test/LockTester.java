package org.crossprocesslock.test;

import java.lang.reflect.Modifier;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.LockedMethodDescription;
import org.crossprocesslock.memory.MemoryLockManager;

import org.springframework.util.ClassUtils;

/**
 * Tests what an application does with its locks. A bean of this type is in every test
 * that is annotated with {@link AutoConfigureCrossProcessLock}; without Spring it is
 * created for a {@link LockManager}.
 *
 * <pre class="code">
 * assertThat(locks.run(() -&gt; billing.bill(42))).held("billing-42").releasedAll();
 *
 * try (BusyKey busy = locks.busy("billing-42")) {
 * 	assertThat(locks.run(() -&gt; billing.bill(42))).failedWith(LockTimeoutException.class);
 * }
 *
 * locks.loseNext("billing-42");
 * assertThat(locks.run(() -&gt; billing.bill(42))).failedWith(LockLostException.class);
 * </pre>
 *
 * <p>
 * Everything happens in the manager that the application uses, so it is the same on all
 * backends: a guard is lost as if an operator had released its key, and a transaction
 * under it does not commit. Busy keys and pending losses are reset when the test is over;
 * tests that share a context, or keys in memory, which belong to the process, must not
 * run at the same time.
 * </p>
 * <p>
 * Safe from any thread.
 * </p>
 *
 * @since 0.1.0
 */
public final class LockTester {

	private final Supplier<TestedLockManager> locks;

	private final Supplier<List<LockedMethodDescription>> methods;

	private LockTester(Supplier<TestedLockManager> locks, Supplier<List<LockedMethodDescription>> methods) {
		this.locks = locks;
		this.methods = methods;
	}

	/**
	 * A tester of a manager. Give {@link #lockManager()} to what is tested; a manager
	 * that has a tester already, as the beans of a test have, is left as it is.
	 * @param locks any manager but a mock
	 * @return the tester
	 */
	public static LockTester of(LockManager locks) {
		TestedLockManager tested = (locks instanceof TestedLockManager already) ? already
				: new TestedLockManager(locks);
		return new LockTester(() -> tested, () -> {
			throw new IllegalStateException("Only the LockTester bean knows which methods are annotated");
		});
	}

	/**
	 * A tester of locks in memory.
	 * @return the tester, whose {@link #lockManager()} is to be closed
	 */
	public static LockTester inMemory() {
		return of(new MemoryLockManager());
	}

	/** The tester of a context whose managers are all {@linkplain #tested tested}. */
	static LockTester ofContext(Supplier<LockManager> locks, Supplier<List<LockedMethodDescription>> methods) {
		return new LockTester(() -> {
			LockManager found = locks.get();
			if (found instanceof TestedLockManager tested) {
				return tested;
			}
			throw new IllegalStateException("The LockManager bean, of " + found.getClass()
					+ ", cannot be tested: is it a mock? Stub it, or do without it");
		}, methods);
	}

	/**
	 * The manager that is tested.
	 * @return what to give to the code that locks
	 */
	public LockManager lockManager() {
		return this.locks.get();
	}

	/**
	 * Runs the call and records all keys that are granted meanwhile, also to other
	 * threads, on which the work of the call may go on.
	 * @param call what to do; may throw
	 * @return how it ended, to be given to AssertJ's {@code assertThat}
	 */
	public TestedCall call(Callable<?> call) {
		TestedLockManager tested = this.locks.get();
		GrantedKeys granted = new GrantedKeys();
		tested.begin(granted);
		Object result = null;
		Throwable failure = null;
		try {
			result = call.call();
		}
		catch (Throwable ex) {
			failure = ex;
		}
		finally {
			tested.end(granted);
		}
		return new TestedCall(granted, result, failure);
	}

	/**
	 * As {@link #call}, for a call without a result.
	 * @param call what to do; may throw
	 * @return how it ended, to be given to AssertJ's {@code assertThat}
	 */
	public TestedCall run(ThrowingCallable call) {
		return call(() -> {
			try {
				call.call();
				return null;
			}
			catch (Exception | Error ex) {
				throw ex;
			}
			catch (Throwable ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	/**
	 * Holds a key as another process would. Until it is released, requests for it find it
	 * busy <em>at once</em>, however long their wait time: {@code tryLock} returns an
	 * empty {@code Optional}, and {@code lock} throws a
	 * {@link org.crossprocesslock.LockTimeoutException}. Listeners are called for the
	 * tester's guard, and for refused requests as for busy ones without a wait time.
	 * @param key an evaluated key
	 * @return releases the key when it is closed; the end of the test does so too
	 * @throws IllegalStateException if the key is held
	 */
	public BusyKey busy(String key) {
		return this.locks.get().busy(key);
	}

	/**
	 * Makes the guards that hold a key lost, as if the lease had run out: when this
	 * returns {@code isHeld()} is {@code false}, others may acquire the key soon, and no
	 * transaction under them commits any more. To be called while the key is held, for
	 * example by something that the work calls.
	 * @param key an evaluated key
	 * @throws IllegalStateException if the key is not held
	 */
	public void lose(String key) {
		this.locks.get().lose(key);
	}

	/**
	 * As {@link #lose}, with the next guard of the key, before the work under it begins.
	 * @param key an evaluated key
	 */
	public void loseNext(String key) {
		this.locks.get().loseNext(key);
	}

	/**
	 * The methods of a name that are annotated as locked, to be given to AssertJ's
	 * {@code assertThat}. Those of beans that are made lazily are known when the bean has
	 * been made.
	 * @param type the class of the bean
	 * @param name the name of the method
	 * @return what is known of them
	 * @throws IllegalArgumentException if there is no such method, or the type is an
	 * interface or an abstract class that beans with such a locked method have
	 */
	public TestedMethods methods(Class<?> type, String name) {
		if (!ClassUtils.hasAtLeastOneMethodWithName(type, name)) {
			throw new IllegalArgumentException("There is no method " + type.getName() + "." + name);
		}
		List<LockedMethodDescription> all = this.methods.get();
		List<LockedMethodDescription> found = all.stream().filter((each) -> is(type, name, each)).toList();
		// no bean is of that class, and nothing found would look like nothing locked
		if (found.isEmpty() && Modifier.isAbstract(type.getModifiers())) {
			refuseIfInherited(type, name, all);
		}
		return new TestedMethods(type.getSimpleName() + "." + name, found);
	}

	private static void refuseIfInherited(Class<?> type, String name, List<LockedMethodDescription> all) {
		List<String> beans = all.stream()
			.map((each) -> className(each.method()))
			.distinct()
			.map((each) -> ClassUtils.resolveClassName(each, null))
			.filter((each) -> type.isAssignableFrom(each) && all.stream().anyMatch((any) -> is(each, name, any)))
			.map(Class::getName)
			.toList();
		if (!beans.isEmpty()) {
			throw new IllegalArgumentException(
					"No bean is of " + type.getName() + " itself, so nothing is known of its method " + name
							+ ". Name the class of the bean, of " + beans);
		}
	}

	private static boolean is(Class<?> type, String name, LockedMethodDescription method) {
		return method.method().startsWith(type.getName() + "." + name + "(");
	}

	private static String className(String method) {
		return method.substring(0, method.lastIndexOf('.', method.indexOf('(')));
	}

	/**
	 * Releases the keys that are {@linkplain #busy busy} and cancels
	 * {@linkplain #loseNext pending losses}. Called after each test where this is a bean.
	 */
	public void reset() {
		this.locks.get().reset();
	}

	/** What to use in the place of a manager. */
	static LockManager tested(LockManager locks) {
		return of(locks).lockManager();
	}

}
