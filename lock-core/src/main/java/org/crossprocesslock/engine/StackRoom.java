package org.crossprocesslock.engine;

/**
 * Sees to it that a caller at the end of its stack fails before it has changed anything,
 * and not in the middle of something that others wait for.
 *
 * @since 0.1.0
 */
public final class StackRoom {

	private static final int FRAMES = 500;

	private static final int FRAMES_TO_END = 350;

	private static final int FRAMES_IN_MEMORY = 200;

	private static final int FRAMES_TO_END_IN_MEMORY = 150;

	private StackRoom() {
	}

	/**
	 * Does nothing, or throws {@link StackOverflowError} where there is too little room
	 * for what the engine does on the threads of its callers.
	 */
	public static void require() {
		long unused = descend(FRAMES, 1, 2, 3);
	}

	/**
	 * The same for what ends something that was begun after {@link #require()}. Less is
	 * enough, so that a caller who could begin something can end it in most cases: how
	 * much it is depends on how the machine has compiled this.
	 */
	public static void requireToEnd() {
		long unused = descend(FRAMES_TO_END, 1, 2, 3);
	}

	/**
	 * As {@link #require()}, for what changes memory only: that needs less, and takes
	 * less time than to look for more would.
	 */
	public static void requireInMemory() {
		long unused = descend(FRAMES_IN_MEMORY, 1, 2, 3);
	}

	/** As {@link #requireToEnd()}, for what changes memory only. */
	public static void requireToEndInMemory() {
		long unused = descend(FRAMES_TO_END_IN_MEMORY, 1, 2, 3);
	}

	private static long descend(int frames, long first, long second, long third) {
		return (frames == 0) ? first : descend(frames - 1, second, third, first) + second + third;
	}

}
