package org.crossprocesslock.annotation;

/**
 * The transaction that the calling thread is in. There is none where Spring's
 * transactions are not on the class path.
 */
interface CallerTransaction {

	/** Where there are no transactions. */
	CallerTransaction NONE = new CallerTransaction() {

		@Override
		public boolean isActive() {
			return false;
		}

		@Override
		public void keep(Hold hold) {
			throw new IllegalStateException("There is no transaction to keep a lock for");
		}

		@Override
		public boolean isBegunBy(LockedMethod method) {
			return false;
		}
	};

	boolean isActive();

	/** Keeps a lock until the active transaction has completed. */
	void keep(Hold hold);

	/** Whether a call of the method outside of transactions is a transaction. */
	boolean isBegunBy(LockedMethod method);

}
