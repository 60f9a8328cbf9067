package org.crossprocesslock.autoconfigure.actuate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.crossprocesslock.LeaseReport;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockReport;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Whether keys can be had, by what the lock managers know: no I/O, no keys.
 */
final class LockHealthIndicator implements HealthIndicator {

	/** The worst first. */
	private static final List<Status> SEVERITY = List.of(Status.DOWN, Status.OUT_OF_SERVICE, Status.UNKNOWN, Status.UP);

	private final LockManagers managers;

	LockHealthIndicator(LockManagers managers) {
		this.managers = managers;
	}

	@Override
	public Health health() {
		Status worst = null;
		Map<String, Map<String, Object>> details = new LinkedHashMap<>();
		for (Map.Entry<String, LockInspection> entry : this.managers.inspected().entrySet()) {
			LockReport report = entry.getValue().report(0);
			Status status = status(report);
			worst = (worst == null || SEVERITY.indexOf(status) < SEVERITY.indexOf(worst)) ? status : worst;
			details.put(entry.getKey(), details(report));
		}
		return Health.status((worst != null) ? worst : Status.UNKNOWN).withDetail("lockManagers", details).build();
	}

	static Status status(LockReport report) {
		return switch (report.status()) {
			case OPEN -> Status.UP;
			case NOT_OPENED -> Status.UNKNOWN;
			case CLOSED -> Status.OUT_OF_SERVICE;
			case OPENING, LOST -> withoutKeys(report);
		};
	}

	/** Another lease may be there in a moment; whoever has none loses nothing by it. */
	private static Status withoutKeys(LockReport report) {
		LeaseReport lease = report.lease();
		if (lease == null || report.statusFor().compareTo(lease.duration()) >= 0) {
			return Status.DOWN;
		}
		boolean untried = report.status() == LockReport.Status.OPENING && report.reason() == null;
		return untried ? Status.UNKNOWN : Status.OUT_OF_SERVICE;
	}

	private static Map<String, Object> details(LockReport report) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("status", report.status().name());
		details.put("statusFor", text(report.statusFor()));
		put(details, "problem", report.reason());
		LeaseReport lease = report.lease();
		if (lease != null) {
			details.put("holder", lease.holder());
			details.put("leaseDuration", lease.duration().toString());
			put(details, "renewedAgo", (lease.renewedAgo() != null) ? text(lease.renewedAgo()) : null);
		}
		return details;
	}

	private static void put(Map<String, Object> details, String name, @Nullable String value) {
		if (value != null) {
			details.put(name, value);
		}
	}

	private static String text(Duration duration) {
		return Duration.ofMillis(duration.toMillis()).toString();
	}

}
