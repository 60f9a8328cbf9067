package org.crossprocesslock.sample.invoice;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.annotation.Profile;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Numbers what has come in since the last time. */
@Component
@Profile("!worker")
class NumberingJob {

	private static final Logger logger = LoggerFactory.getLogger(NumberingJob.class);

	private final InvoiceNumbering numbering;

	NumberingJob(InvoiceNumbering numbering) {
		this.numbering = numbering;
	}

	@Scheduled(fixedDelayString = "${sample.numbering-interval}")
	void numberAll() {
		int numbered = 0;
		while (!Thread.currentThread().isInterrupted() && this.numbering.numberNext().isPresent()) {
			numbered++;
		}
		if (numbered > 0) {
			logger.info("Numbered {} orders", numbered);
		}
	}

}
