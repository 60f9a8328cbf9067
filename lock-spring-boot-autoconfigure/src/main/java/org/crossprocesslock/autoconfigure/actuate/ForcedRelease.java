package org.crossprocesslock.autoconfigure.actuate;

import java.security.Principal;
import java.util.Map;
import java.util.Objects;

import org.crossprocesslock.HeldKey;
import org.crossprocesslock.Holder;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.StoreInspection;
import org.crossprocesslock.StoredKey;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Outcome;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;

/** Takes keys from their holders, and says so. */
final class ForcedRelease {

	private static final Logger logger = LoggerFactory.getLogger(ForcedRelease.class);

	/** Hears of what was done, to keep it. */
	interface Audit {

		void record(String principal, Outcome outcome, Map<String, Object> data);

	}

	private final LockManagers managers;

	private final Audit audit;

	ForcedRelease(LockManagers managers, Audit audit) {
		this.managers = managers;
		this.audit = audit;
	}

	Outcome release(String key, long token, @Nullable String manager, SecurityContext who) {
		Map<String, LockInspection> inspected = this.managers.inspected();
		String name = (manager == null && inspected.size() == 1) ? inspected.keySet().iterator().next() : manager;
		LockInspection inspection = (name != null) ? inspected.get(name) : null;
		if (name == null || inspection == null) {
			throw new InvalidEndpointRequestException("There is no lock manager '" + name + "' but "
					+ inspected.keySet() + "; name one of them with the parameter lockManager", "no such lock manager");
		}
		return release(key, token, name, inspection, principal(who));
	}

	private Outcome release(String key, long token, String name, LockInspection inspection, String who) {
		if (inspection.release(key, token)) {
			logger
				.warn("Key '{}' (fencing token {}) of this process was released by force, by {} through the endpoint: "
						+ "its guards are lost, and others may acquire it from now on", key, token, who);
			return audited(who, Outcome.RELEASED, Map.of("key", key, "token", token, "lockManager", name));
		}
		if (inspection.report(key).held().stream().anyMatch((held) -> held.state() != HeldKey.State.LOST)) {
			return Outcome.CONFLICT;
		}
		StoreInspection store = inspection.store().orElse(null);
		try {
			return (store != null) ? endLease(key, token, name, inspection, store, who) : Outcome.NOT_HELD;
		}
		catch (LockStoreException ex) {
			logger.warn("Key '{}' (fencing token {}) could not be released by force: {}", key, token, ex.getMessage());
			return Outcome.NOT_KNOWN;
		}
	}

	private Outcome endLease(String key, long token, String name, LockInspection inspection, StoreInspection store,
			String who) {
		StoredKey stored = store.look(key).keys().get(0);
		Holder holder = stored.holder();
		if (holder == null || holder.name() == null) {
			return (stored.keptFor() != null) ? endKeeping(key, token, name, store, who) : Outcome.NOT_HELD;
		}
		Map<String, Object> data = Map.of("key", key, "token", token, "lockManager", name, "holder", holder.name(),
				"leaseId", holder.leaseId());
		try {
			// the own lease is no stranger's: what is left in a row is found by its
			// process
			if (Objects.equals(holder.leaseId(), LockDescriber.self(inspection)) || !store.endLease(key, token)) {
				return Outcome.CONFLICT;
			}
		}
		catch (LockStoreException ex) {
			audited(who, Outcome.NOT_KNOWN, data);
			throw ex;
		}
		logger
			.warn("The lease {} of {}, which holds key '{}' (fencing token {}), is no longer renewed: {} has ended it "
					+ "through the endpoint. That process loses all its keys, when it next tries to renew it or when the "
					+ "lease has run out (time left: {})", holder.leaseId(), holder.name(), key, token, who,
					LockDescriber.text(holder.remaining()));
		return audited(who, Outcome.LEASE_ENDING, data);
	}

	/** Nobody has it any more. */
	private Outcome endKeeping(String key, long token, String name, StoreInspection store, String who) {
		Map<String, Object> data = Map.of("key", key, "token", token, "lockManager", name);
		try {
			if (!store.endKeeping(key, token)) {
				return Outcome.CONFLICT;
			}
		}
		catch (LockStoreException ex) {
			audited(who, Outcome.NOT_KNOWN, data);
			throw ex;
		}
		logger.warn(
				"Key '{}' (fencing token {}), which was not held but kept by holdAtLeast, was "
						+ "released by force, by {} through the endpoint: others may acquire it from now on",
				key, token, who);
		return audited(who, Outcome.RELEASED, data);
	}

	private Outcome audited(String who, Outcome outcome, Map<String, Object> data) {
		this.audit.record(who, outcome, data);
		return outcome;
	}

	private static String principal(SecurityContext who) {
		Principal principal = who.getPrincipal();
		return (principal != null) ? principal.getName() : "unknown";
	}

}
