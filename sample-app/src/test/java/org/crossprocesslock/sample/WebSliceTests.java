package org.crossprocesslock.sample;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/** Annotated methods are locked in a slice of the web part, which has no database. */
@WebMvcTest(properties = "cross-process-lock.web.busy-status=423")
@Import(WebSliceTests.LockedController.class)
class WebSliceTests {

	@Autowired
	@SuppressWarnings("NullAway.Init") // Spring sets it
	private MockMvcTester web;

	@Autowired
	@SuppressWarnings("NullAway.Init")
	private LockManager locks;

	@Test
	void annotatedMethodIsLockedInMemory() {
		assertThat(this.locks).isInstanceOf(MemoryLockManager.class);
		assertThat(this.web.get().uri("/locked")).hasBodyTextEqualTo("true");
	}

	@Test
	void busyKeyIsAnsweredAsTheApplicationAnswersIt() {
		LockGuard elsewhere = this.locks.tryLock("work").orElseThrow();
		try (elsewhere) {
			assertThat(this.web.get().uri("/locked")).hasStatus(HttpStatus.LOCKED).hasHeader("Retry-After", "1");
		}
	}

	// not the sample, which needs its database
	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

	@RestController
	static class LockedController {

		private final LockManager locks;

		LockedController(LockManager locks) {
			this.locks = locks;
		}

		@GetMapping("/locked")
		@CrossProcessLocked(key = "work", waitTime = "0s")
		public String locked() {
			return String.valueOf(this.locks.tryLock("work").isEmpty());
		}

	}

}
