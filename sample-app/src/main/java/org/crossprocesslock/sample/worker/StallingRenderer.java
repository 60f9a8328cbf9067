package org.crossprocesslock.sample.worker;

import java.util.concurrent.Semaphore;

import org.crossprocesslock.sample.invoice.Invoice;
import org.crossprocesslock.sample.invoice.InvoiceRenderer;

/**
 * Renders like any other until it is told to stand still, which it then does until it is
 * told to go on.
 */
class StallingRenderer implements InvoiceRenderer {

	private final InvoiceRenderer renderer;

	private final Semaphore goOn = new Semaphore(0);

	private volatile boolean stalling;

	StallingRenderer(InvoiceRenderer renderer) {
		this.renderer = renderer;
	}

	void stall() {
		this.stalling = true;
	}

	void goOn() {
		this.stalling = false;
		this.goOn.release();
	}

	@Override
	public void render(Invoice invoice) {
		if (this.stalling) {
			WorkerEvent.tell(WorkerEvent.Kind.STALLED, invoice.number());
			try {
				this.goOn.acquire();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
		this.renderer.render(invoice);
	}

}
