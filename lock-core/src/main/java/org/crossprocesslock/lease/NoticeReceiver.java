package org.crossprocesslock.lease;

/**
 * Receives the notices of other processes. Methods are safe from any thread, do not block
 * and do not throw.
 *
 * @since 0.1.0
 */
public interface NoticeReceiver {

	/**
	 * Reports whether notices arrive, which they do not before the first such report.
	 * While they do not, other processes are not asked for any.
	 * @param works whether a notice sent now would arrive
	 */
	void listening(boolean works);

	/**
	 * Receives a notice.
	 * @param notice the notice, to the lease of this process
	 */
	void receive(Notice notice);

}
