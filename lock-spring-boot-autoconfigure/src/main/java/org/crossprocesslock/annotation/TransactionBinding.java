package org.crossprocesslock.annotation;

import java.util.function.Consumer;

import org.crossprocesslock.LockLostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Keeps a lock that is taken inside a running transaction until that transaction has
 * completed: the next holder would otherwise read before the commit.
 */
final class TransactionBinding implements Consumer<Hold> {

	private static final Logger logger = LoggerFactory.getLogger(TransactionBinding.class);

	@Override
	public void accept(Hold hold) {
		if (TransactionSynchronizationManager.isSynchronizationActive()
				&& TransactionSynchronizationManager.isActualTransactionActive()) {
			TransactionSynchronizationManager.registerSynchronization(new ReleaseAfterCompletion(hold));
			hold.keep();
		}
	}

	private record ReleaseAfterCompletion(Hold hold) implements TransactionSynchronization {

		@Override
		public void beforeCommit(boolean readOnly) {
			this.hold.checkHeld();
		}

		// here and not after completion, where exceptions do not reach the caller
		@Override
		public void afterCommit() {
			this.hold.checkHeld();
		}

		@Override
		public void afterCompletion(int status) {
			try {
				this.hold.close();
			}
			catch (LockLostException ex) {
				// the caller knows, or nothing was committed, or the commit came before
				logger.debug("A lock was lost by the end of the transaction it was kept for", ex);
			}
		}

	}

}
