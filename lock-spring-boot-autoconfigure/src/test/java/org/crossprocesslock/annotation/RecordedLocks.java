package org.crossprocesslock.annotation;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Locks in memory that remember what was asked of them.
 */
@Configuration(proxyBeanMethods = false)
class RecordedLocks {

	@Bean
	Requests requests() {
		return new Requests();
	}

	@Bean
	LockManager lockManager(Requests requests) {
		return new ObservedLocks(requests);
	}

	@Bean
	String keyOfBean() {
		return "from-bean";
	}

	static class Requests implements LockListener {

		final List<LockRequest> all = new CopyOnWriteArrayList<>();

		@Override
		public void onRequested(LockRequest request) {
			this.all.add(request);
		}

		LockRequest last() {
			return this.all.get(this.all.size() - 1);
		}

		List<String> keys() {
			return this.all.stream().map(LockRequest::key).toList();
		}

	}

}
