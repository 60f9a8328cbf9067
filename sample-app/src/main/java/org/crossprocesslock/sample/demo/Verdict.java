package org.crossprocesslock.sample.demo;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.crossprocesslock.sample.invoice.Report;

/**
 * How the demo ended.
 *
 * @param report what the tables say
 * @param takeOver from the mishap to the next acquisition, if there was one
 * @param staleCommitRefused whether a worker that lost its lock could not commit
 * @param failures what else went wrong
 */
record Verdict(Report report, Optional<Duration> takeOver, boolean staleCommitRefused, List<String> failures) {

	boolean isOk() {
		return this.report.isComplete() && this.failures.isEmpty();
	}

	String toLine() {
		StringBuilder line = new StringBuilder("VERDICT ").append(isOk() ? "ok" : "wrong")
			.append(String.format(Locale.ROOT, ": %d orders, %d invoices, %d gaps, %d duplicates", this.report.orders(),
					this.report.invoices(), this.report.gaps(), this.report.duplicates()));
		if (this.report.pending() > 0) {
			line.append(", ").append(this.report.pending()).append(" orders without invoice");
		}
		if (this.report.invoicedAgain() > 0) {
			line.append(", ").append(this.report.invoicedAgain()).append(" invoices for an order that had one");
		}
		this.failures.forEach((failure) -> line.append(", ").append(failure));
		line.append(this.takeOver.map((time) -> ", take-over after " + seconds(time)).orElse(", no take-over"));
		if (this.staleCommitRefused) {
			line.append(", stale commit refused");
		}
		return line.toString();
	}

	static String seconds(Duration time) {
		return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
	}

}
