package org.crossprocesslock.sample.worker;

import java.util.Optional;

import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.sample.invoice.Invoice;
import org.crossprocesslock.sample.invoice.InvoiceNumbering;
import org.crossprocesslock.sample.worker.WorkerEvent.Kind;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;

/** Numbers orders, each on its own, until none is left. */
class Worker implements ApplicationRunner {

	private final InvoiceNumbering numbering;

	private final Instructions instructions;

	Worker(InvoiceNumbering numbering, Instructions instructions) {
		this.numbering = numbering;
		this.instructions = instructions;
	}

	@Override
	public void run(ApplicationArguments args) throws InterruptedException {
		this.instructions.listen();
		WorkerEvent.tell(Kind.READY, ProcessHandle.current().pid());
		this.instructions.awaitGo();
		long numbered = 0;
		boolean finished = false;
		while (!finished) {
			try {
				Optional<Invoice> invoice = this.numbering.numberNext();
				if (invoice.isPresent()) {
					WorkerEvent.tell(Kind.NUMBERED, invoice.get().number());
					numbered++;
				}
				finished = invoice.isEmpty();
			}
			catch (LockLostException ex) {
				// under a new lease the work goes on
				WorkerEvent.tell(Kind.FAILED, ex.getFencingToken());
			}
			catch (LockTimeoutException ex) {
				// no order among processes is promised: the others were quicker every
				// time
			}
		}
		WorkerEvent.tell(Kind.FINISHED, numbered);
	}

}
