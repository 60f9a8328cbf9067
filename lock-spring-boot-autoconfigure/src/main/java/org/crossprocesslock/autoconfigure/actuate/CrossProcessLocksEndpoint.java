package org.crossprocesslock.autoconfigure.actuate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.annotation.LockedMethodDescriptions;
import org.crossprocesslock.autoconfigure.LockBackend;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.KeyOfManager;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Locks;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Manager;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Method;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Release;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Store;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * {@link Endpoint} that shows what this process holds and waits for and, on request, the
 * contents of the store; and that releases a key by force, which needs unrestricted
 * access.
 *
 * @since 0.1.0
 */
@Endpoint(id = "crossprocesslocks", defaultAccess = Access.READ_ONLY)
public class CrossProcessLocksEndpoint {

	/** How many entries a list has unless a limit is given. */
	public static final int DEFAULT_LIMIT = 100;

	/** All that keys and lease ids are made of; nothing is where a list begins. */
	private static final Pattern POSITION = Pattern.compile("[A-Za-z0-9._-]{0,200}");

	private final LockManagers managers;

	private final ObjectProvider<LockBackend> backend;

	private final ObjectProvider<LockedMethodDescriptions> methods;

	private final ForcedRelease forcedRelease;

	private final Show showKeys;

	CrossProcessLocksEndpoint(LockManagers managers, ObjectProvider<LockBackend> backend,
			ObjectProvider<LockedMethodDescriptions> methods, ForcedRelease forcedRelease, Show showKeys) {
		this.managers = managers;
		this.backend = backend;
		this.methods = methods;
		this.forcedRelease = forcedRelease;
		this.showKeys = showKeys;
	}

	/**
	 * What this process holds and waits for, and its annotated methods. Queries the store
	 * only if {@code store} is given.
	 * @param limit how many entries each list has at most
	 * @param store what the store is to list; it is not queried if absent
	 * @param after after which key or lease id that list begins
	 * @return the locks
	 */
	@ReadOperation
	public Locks locks(@Nullable Integer limit, @Nullable StoreList store, @Nullable String after) {
		boolean showsKeys = this.showKeys == Show.ALWAYS;
		if (asksForKey(store, after) && !showsKeys) {
			throw keysNotShown();
		}
		return locks(limit, store, after, showsKeys);
	}

	Locks locks(@Nullable Integer limit, @Nullable StoreList store, @Nullable String after, boolean showsKeys) {
		int most = (limit != null) ? limit : DEFAULT_LIMIT;
		if (most < 1 || most > StoreList.LONGEST) {
			throw new InvalidEndpointRequestException("Limit " + most + " is not between 1 and " + StoreList.LONGEST,
					"limit is out of range");
		}
		if (after != null && !POSITION.matcher(after).matches()) {
			throw new InvalidEndpointRequestException(
					"There is no key and no lease id that could be what 'after' names", "after is not possible");
		}
		LockDescriber describer = new LockDescriber(showsKeys);
		Map<String, LockManager> present = this.managers.present();
		Map<String, LockInspection> inspected = this.managers.inspected();
		LockBackend chosen = (present.size() == 1) ? this.backend.getIfAvailable() : null;
		Map<String, Manager> described = new LinkedHashMap<>();
		present.forEach((name, manager) -> {
			String type = manager.getClass().getName();
			LockInspection inspection = inspected.get(name);
			described.put(name,
					(inspection != null)
							? describer.manager(type, inspection.report(most), chosen,
									(store != null) ? list(describer, inspection, store, after, most) : null)
							: LockDescriber.manager(type));
		});
		return new Locks(described, methods());
	}

	private static @Nullable Store list(LockDescriber describer, LockInspection inspection, StoreList list,
			@Nullable String after, int limit) {
		String self = LockDescriber.self(inspection);
		return LockDescriber.store(inspection, (store) -> switch (list) {
			case KEYS -> describer.keys(store, after, limit, self);
			case HOLDERS -> LockDescriber.holders(store, after, limit, self);
		});
	}

	private List<Method> methods() {
		return this.methods.stream()
			.flatMap((descriptions) -> descriptions.all().stream())
			.map(LockDescriber::method)
			.toList();
	}

	/**
	 * The state of one key in this process and in the store, which is queried.
	 * @param key the key
	 * @return the key
	 */
	@ReadOperation
	public LockDescriptors.Key key(@Selector String key) {
		requireShown();
		return describe(key);
	}

	LockDescriptors.Key describe(String key) {
		requirePossible(key);
		Map<String, KeyOfManager> found = new LinkedHashMap<>();
		LockDescriber describer = new LockDescriber(true);
		this.managers.inspected().forEach((name, inspection) -> found.put(name, describer.key(key, inspection)));
		return new LockDescriptors.Key(key, found);
	}

	/**
	 * Releases the key by force. In this process its guards are lost, then it is
	 * released. Any other process loses its whole lease, with all its keys, as soon as it
	 * tries to renew it.
	 * @param key the key
	 * @param token the token under which it is held
	 * @param lockManager the name of the bean, needed where there are several
	 * @return what has become of it
	 */
	@DeleteOperation
	public Release release(@Selector String key, long token, @Nullable String lockManager) {
		requireShown();
		return release(key, token, lockManager, SecurityContext.NONE);
	}

	Release release(String key, long token, @Nullable String lockManager, SecurityContext who) {
		requirePossible(key);
		LockDescriptors.Outcome outcome = this.forcedRelease.release(key, token, lockManager, who);
		return new Release(outcome, switch (outcome) {
			case CONFLICT, NOT_KNOWN -> describe(key);
			case RELEASED, LEASE_ENDING, NOT_HELD -> null;
		});
	}

	/** Nobody can hold what is no key. */
	private static void requirePossible(String key) {
		try {
			var unused = LockRequest.of(key, Duration.ZERO);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidEndpointRequestException(String.valueOf(ex.getMessage()), "not a key");
		}
	}

	/** Whoever may not see keys may not ask for one either: the answer tells as much. */
	private void requireShown() {
		if (this.showKeys != Show.ALWAYS) {
			throw keysNotShown();
		}
	}

	private InvalidEndpointRequestException keysNotShown() {
		return new InvalidEndpointRequestException(
				"Keys are not shown here: " + CrossProcessLocksEndpointProperties.SHOW_KEYS + "=" + this.showKeys,
				"keys are not shown");
	}

	/** Where the list begins to be shorter, there is a key: a few guesses find it. */
	static boolean asksForKey(@Nullable StoreList store, @Nullable String after) {
		return store == StoreList.KEYS && after != null;
	}

	/** What a store can list. */
	public enum StoreList {

		/** Keys, free ones included. */
		KEYS,

		/** Processes, those that hold nothing included. */
		HOLDERS;

		/** How long a list may be. */
		static final int LONGEST = 10_000;

	}

}
