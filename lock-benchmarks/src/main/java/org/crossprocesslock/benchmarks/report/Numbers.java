package org.crossprocesslock.benchmarks.report;

import java.util.Locale;

/** Numbers with as many digits as mean something. */
final class Numbers {

	private Numbers() {
	}

	static String format(double value) {
		double size = Math.abs(value);
		if (size >= 100 || value == 0) {
			return String.format(Locale.ROOT, "%,.0f", value);
		}
		if (size >= 10) {
			return String.format(Locale.ROOT, "%.1f", value);
		}
		return String.format(Locale.ROOT, (size >= 0.1) ? "%.2f" : "%.4f", value);
	}

}
