package org.crossprocesslock.autoconfigure.web;

import java.util.Objects;

import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.LockProperties;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * Answers a request that has waited too long for a lock, in Spring MVC and WebFlux alike.
 * Handlers of the application come first. Does not name the key, which can be personal
 * data.
 */
@RestControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
class BusyLockAdvice {

	private final LockProperties.Web properties;

	BusyLockAdvice(LockProperties.Web properties) {
		this.properties = properties;
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> busy(LockTimeoutException busy) {
		HttpStatusCode status = HttpStatusCode.valueOf(Objects.requireNonNull(this.properties.getBusyStatus()));
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(status,
				"Another request or process is working on it. Try again later.");
		// full seconds, at least one: zero would be at once
		long seconds = Math.max(1, this.properties.getRetryAfter().plusNanos(999_999_999).toSeconds());
		return ResponseEntity.status(status).header(HttpHeaders.RETRY_AFTER, Long.toString(seconds)).body(problem);
	}

}
