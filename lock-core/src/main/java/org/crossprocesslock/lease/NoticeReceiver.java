package org.crossprocesslock.lease;

/**
 * Hears what other processes tell this one. Methods are safe from any thread, do not
 * block and do not throw.
 *
 * @since 0.1.0
 */
public interface NoticeReceiver {

	/**
	 * Tells whether notices arrive, which they do not before this has said so. While they
	 * do not, others are not asked for any.
	 * @param works whether a notice sent now would be heard
	 */
	void listening(boolean works);

	/**
	 * Hears a notice.
	 * @param notice the notice, to the lease that is listened for
	 */
	void receive(Notice notice);

}
