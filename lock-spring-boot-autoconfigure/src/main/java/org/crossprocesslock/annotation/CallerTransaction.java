package org.crossprocesslock.annotation;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.Advised;

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

		@Override
		public @Nullable Integer orderOfOuter(Advised proxy, LockedMethod method) {
			return null;
		}
	};

	boolean isActive();

	/** Keeps a lock until the active transaction has completed. */
	void keep(Hold hold);

	/** Whether a call of the method outside of transactions is a transaction. */
	boolean isBegunBy(LockedMethod method);

	/**
	 * The order of the advice that begins a transaction of the method before its lock is
	 * taken, {@code null} if there is none.
	 */
	@Nullable Integer orderOfOuter(Advised proxy, LockedMethod method);

}
