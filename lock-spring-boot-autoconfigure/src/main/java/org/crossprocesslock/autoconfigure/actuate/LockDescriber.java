package org.crossprocesslock.autoconfigure.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

import org.crossprocesslock.HeldKey;
import org.crossprocesslock.HoldersReport;
import org.crossprocesslock.KeyReport;
import org.crossprocesslock.LeaseReport;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.StoreInspection;
import org.crossprocesslock.StoreReport;
import org.crossprocesslock.WaitedKey;
import org.crossprocesslock.annotation.LockedMethodDescription;
import org.crossprocesslock.autoconfigure.LockBackend;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Held;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Holder;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.KeyOfManager;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Lease;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Manager;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Method;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Store;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Stored;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Waiting;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SanitizableData;

/**
 * Puts what the core tells into the words of the endpoint, with the keys or without.
 *
 * @param showsKeys whether keys are shown
 */
record LockDescriber(boolean showsKeys) {

	/** A part of what a store can list. */
	interface Page {

		Store read(StoreInspection store);

	}

	private String key(String key) {
		return this.showsKeys ? key : SanitizableData.SANITIZED_VALUE;
	}

	Manager manager(String type, LockReport report, @Nullable LockBackend backend, @Nullable Store store) {
		return new Manager(type, (backend != null) ? backend.name() : null, (backend != null) ? backend.reason() : null,
				(backend != null) ? backend.reach().name() : null, report.status().name(), text(report.statusFor()),
				report.reason(), (report.lease() != null) ? lease(report.lease()) : null, report.guards(),
				report.requests(), held(report.held()), report.waiting().stream().map(this::waiting).toList(), store);
	}

	/** One that tells nothing. */
	static Manager manager(String type) {
		return new Manager(type, null, null, null, null, null, null, null, null, null, null, null, null);
	}

	private static Lease lease(LeaseReport lease) {
		return new Lease(lease.holder(), lease.id(), lease.duration().toString(), text(lease.renewedAgo()),
				text(lease.remaining()), lease.listening(), lease.ownConnections());
	}

	private List<Held> held(List<HeldKey> held) {
		return held.stream()
			.map((each) -> new Held(key(each.key()), each.name(), each.mode().name(), each.token(),
					String.valueOf(text(each.heldFor())), each.state().name()))
			.toList();
	}

	private Waiting waiting(WaitedKey waited) {
		return new Waiting(key(waited.key()), waited.requests(), String.valueOf(text(waited.longestWait())),
				waited.holder());
	}

	KeyOfManager key(String key, LockInspection inspection) {
		KeyReport report = inspection.report(key);
		Store store = store(inspection, (asked) -> {
			StoreReport looked = asked.look(key);
			return new Store(null, looked.clock().toString(), stored(looked, self(inspection)), null, null);
		});
		return new KeyOfManager(held(report.held()), (report.waiting() != null) ? waiting(report.waiting()) : null,
				store);
	}

	Store keys(StoreInspection store, @Nullable String after, int limit, @Nullable String self) {
		StoreReport page = store.keys(after, limit);
		String next = (page.more() && this.showsKeys) ? page.keys().get(page.keys().size() - 1).key() : null;
		return new Store(null, page.clock().toString(), stored(page, self), null, next);
	}

	static Store holders(StoreInspection store, @Nullable String after, int limit, @Nullable String self) {
		HoldersReport page = store.holders(after, limit);
		List<Holder> holders = page.holders().stream().map((holder) -> holder(holder, self)).toList();
		String next = page.more() ? holders.get(holders.size() - 1).leaseId() : null;
		return new Store(null, page.clock().toString(), null, holders, next);
	}

	private List<Stored> stored(StoreReport report, @Nullable String self) {
		return report.keys()
			.stream()
			.map((each) -> new Stored(key(each.key()), each.token(),
					(each.holder() != null) ? holder(each.holder(), self) : null, text(each.keptFor())))
			.toList();
	}

	private static Holder holder(org.crossprocesslock.Holder holder, @Nullable String self) {
		return new Holder(holder.leaseId(), holder.name(), text(holder.remaining()), holder.ending(),
				Objects.equals(holder.leaseId(), self));
	}

	/** What the store answers, or why it does not; nothing where there is none. */
	static @Nullable Store store(LockInspection inspection, Page page) {
		return inspection.store().map((store) -> {
			try {
				return page.read(store);
			}
			catch (LockStoreException ex) {
				return new Store(ex.getMessage(), null, null, null, null);
			}
		}).orElse(null);
	}

	/** The lease id of this process. */
	static @Nullable String self(LockInspection inspection) {
		LeaseReport lease = inspection.report(0).lease();
		return (lease != null) ? lease.id() : null;
	}

	static Method method(LockedMethodDescription method) {
		return new Method(method.method(), method.name(), method.key(), method.waitTime().toString(),
				method.holdAtLeast().isZero() ? null : method.holdAtLeast().toString(), method.onBusy().name(),
				method.mode().name(), method.fencing().name(), method.onLost().name());
	}

	/** To the millisecond: more is noise. One sign for the whole, if it is negative. */
	static @Nullable String text(@Nullable Duration duration) {
		if (duration == null) {
			return null;
		}
		Duration rounded = Duration.ofMillis(duration.toMillis());
		return rounded.isNegative() ? "-" + rounded.negated() : rounded.toString();
	}

}
