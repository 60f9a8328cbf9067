package org.crossprocesslock.sample;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;

/** Tests of the service over HTTP, on an in-memory database. */
@SpringBootTest(properties = { "spring.datasource.url=jdbc:h2:mem:service", "sample.rendering-time=0ms",
		"sample.numbering-interval=10ms" })
@AutoConfigureMockMvc
class ServiceTests {

	private static final String ORDER = """
			{"reference": "%s", "customer": "Huber", "orderedOn": "2026-01-31", "item": "Chair", "quantity": 1,
			 "amount": 10.5}""";

	@Autowired
	private MockMvcTester mvc;

	@Test
	@Timeout(60)
	void ordersOfTheBundledFileAndPostedOnesAreNumbered() throws Exception {
		assertThat(post(ORDER.formatted("WEB-1"))).hasStatus(HttpStatus.CREATED)
			.bodyJson()
			.extractingPath("$.reference")
			.isEqualTo("WEB-1");
		while (!report().contains("\"pending\":0")) {
			TimeUnit.MILLISECONDS.sleep(50);
		}
		assertThat(report()).isEqualTo(
				"""
						{"orders":1001,"pending":0,"invoices":1001,"gaps":0,"duplicates":0,"invoicedAgain":0,"complete":true}""");
	}

	@Test
	void invalidOrderIsRefusedWithItsFields() {
		MvcTestResult result = post("""
				{"reference": " ", "customer": "Huber", "orderedOn": "2026-01-31", "item": "Chair", "quantity": 0,
				 "amount": 10.555}""");
		assertThat(result).hasStatus(HttpStatus.BAD_REQUEST).hasContentType(MediaType.APPLICATION_PROBLEM_JSON);
		assertThat(result).bodyJson()
			.extractingPath("$.errors")
			.asMap()
			.containsOnlyKeys("reference", "quantity", "amount");
	}

	@Test
	void orderWithoutValuesIsRefusedWithItsFields() {
		assertThat(post("{}")).hasStatus(HttpStatus.BAD_REQUEST)
			.bodyJson()
			.extractingPath("$.errors")
			.asMap()
			.containsOnlyKeys("reference", "customer", "orderedOn", "item", "quantity", "amount");
	}

	@Test
	void brokenJsonIsRefused() {
		assertThat(post("{")).hasStatus(HttpStatus.BAD_REQUEST).hasContentType(MediaType.APPLICATION_PROBLEM_JSON);
	}

	@Test
	void knownReferenceIsAConflict() {
		assertThat(post(ORDER.formatted("SO-10001"))).hasStatus(HttpStatus.CONFLICT)
			.hasContentType(MediaType.APPLICATION_PROBLEM_JSON);
	}

	@Test
	void livePageAndTheLocksOfItsTabsAreServed() {
		assertThat(this.mvc.get().uri("/")).hasStatusOk().hasForwardedUrl("index.html");
		assertThat(this.mvc.get().uri("/cross-process-lock/locks.js")).hasStatusOk()
			.hasContentTypeCompatibleWith("text/javascript");
	}

	@Test
	void actuatorIsExposed() {
		assertThat(this.mvc.get().uri("/actuator/health")).hasStatusOk();
		assertThat(this.mvc.get().uri("/actuator/metrics")).hasStatusOk();
	}

	private MvcTestResult post(String body) {
		return this.mvc.post().uri("/orders").contentType(MediaType.APPLICATION_JSON).content(body).exchange();
	}

	private String report() throws IOException {
		return this.mvc.get().uri("/report").exchange().getResponse().getContentAsString();
	}

}
