package org.crossprocesslock.sample.lost;

import java.time.Instant;

import org.crossprocesslock.autoconfigure.LockLostEvent;
import org.jspecify.annotations.Nullable;

import org.springframework.context.event.EventListener;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Remembers the last lock that this process has lost, for the page. */
@RestController
class LastLostLock {

	private volatile @Nullable Loss last;

	@EventListener
	void lost(LockLostEvent event) {
		this.last = new Loss(event.key(), event.fencingToken(), event.reason(), Instant.now());
	}

	/** Asked by the pages of other processes of the demo, too. */
	@GetMapping("/last-lost-lock")
	@CrossOrigin(originPatterns = "http://localhost:[*]")
	ResponseEntity<Loss> lastLostLock() {
		Loss known = this.last;
		return (known != null) ? ResponseEntity.ok(known) : ResponseEntity.noContent().build();
	}

	record Loss(String key, long token, String reason, Instant at) {

	}

}
