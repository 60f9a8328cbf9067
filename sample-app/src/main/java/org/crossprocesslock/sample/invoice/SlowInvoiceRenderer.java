package org.crossprocesslock.sample.invoice;

import java.time.Duration;

/** Stands for a real renderer: takes time, makes nothing. */
public class SlowInvoiceRenderer implements InvoiceRenderer {

	private final Duration time;

	/**
	 * A renderer.
	 * @param time how long one invoice takes
	 */
	public SlowInvoiceRenderer(Duration time) {
		this.time = time;
	}

	@Override
	public void render(Invoice invoice) {
		try {
			Thread.sleep(this.time.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while rendering invoice " + invoice.number(), ex);
		}
	}

}
