package org.crossprocesslock.sample.demo;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.crossprocesslock.sample.invoice.Report;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Tests of {@link Verdict}. */
class VerdictTests {

	@Test
	void completeReportIsOk() {
		Verdict verdict = new Verdict(new Report(10, 0, 10, 0, 0, 0), Optional.of(Duration.ofMillis(1940)), false,
				List.of());
		assertThat(verdict.isOk()).isTrue();
		assertThat(verdict.toLine())
			.isEqualTo("VERDICT ok: 10 orders, 10 invoices, 0 gaps, 0 duplicates, take-over after 1.9 s");
	}

	@Test
	void refusedCommitIsTold() {
		Verdict verdict = new Verdict(new Report(10, 0, 10, 0, 0, 0), Optional.of(Duration.ofMillis(1940)), true,
				List.of());
		assertThat(verdict.toLine()).endsWith("0 duplicates, take-over after 1.9 s, stale commit refused");
	}

	@Test
	void whateverIsMissingOrDoubledIsTold() {
		Verdict verdict = new Verdict(new Report(10, 1, 12, 2, 3, 4), Optional.empty(), false, List.of());
		assertThat(verdict.isOk()).isFalse();
		assertThat(verdict.toLine()).isEqualTo("VERDICT wrong: 10 orders, 12 invoices, 2 gaps, 3 duplicates, "
				+ "1 orders without invoice, 4 invoices for an order that had one, no take-over");
	}

	@Test
	void failureIsNeverOk() {
		Verdict verdict = new Verdict(new Report(10, 0, 10, 0, 0, 0), Optional.empty(), false,
				List.of("worker 1 failed"));
		assertThat(verdict.isOk()).isFalse();
		assertThat(verdict.toLine()).contains("wrong").contains("worker 1 failed");
	}

}
