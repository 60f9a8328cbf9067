package org.crossprocesslock.test.recipes;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.crossprocesslock.LockMode;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.OnBusy;

import org.springframework.stereotype.Component;

/**
 * What one process at a time writes, on as many threads as it likes.
 */
@Component
class SearchIndex {

	private final Queue<String> documents = new ConcurrentLinkedQueue<>();

	@CrossProcessLocked(key = "index", mode = LockMode.SHARED_IN_PROCESS)
	public void add(String document) {
		this.documents.add(document);
	}

	@CrossProcessLocked(key = "index", waitTime = "0s", onBusy = OnBusy.SKIP)
	public void rebuild() {
		this.documents.clear();
	}

	public int size() {
		return this.documents.size();
	}

}
