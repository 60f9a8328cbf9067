package org.crossprocesslock.sample.invoice;

import org.springframework.context.annotation.Profile;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Profile("!worker")
class ReportController {

	private final Invoices invoices;

	ReportController(Invoices invoices) {
		this.invoices = invoices;
	}

	@GetMapping("/report")
	Report report() {
		return this.invoices.report();
	}

}
