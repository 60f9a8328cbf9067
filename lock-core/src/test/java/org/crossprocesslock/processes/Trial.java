package org.crossprocesslock.processes;

import java.util.Optional;

import org.crossprocesslock.processes.Ledger.Commit;
import org.crossprocesslock.processes.LedgerProcess.Stall;
import org.crossprocesslock.processes.LedgerProcess.Way;

/**
 * A holder that is stopped inside a transaction, and the successor that wants its key.
 */
final class Trial {

	private final String key;

	private final String holderLabel;

	private final ChildJvm holder;

	private final ChildJvm successor;

	private final Way way;

	Trial(String key, String holderLabel, ChildJvm holder, ChildJvm successor, Way way) {
		this.key = key;
		this.holderLabel = holderLabel;
		this.holder = holder;
		this.successor = successor;
		this.way = way;
	}

	/** Has the holder begin a transaction that halts at the point. */
	void begin(Stall stall) {
		this.holder.send("write " + this.key + " " + stall + " " + this.way);
	}

	/**
	 * Stops the holder at that point and has the successor wait for the key. When it
	 * continues, the holder goes on to commit before it can do anything else.
	 */
	void stop() throws InterruptedException {
		this.holder.await("stalled " + this.key);
		this.holder.stop();
		this.holder.send("go " + this.key);
		this.successor.send("write " + this.key + " " + Stall.NEVER + " " + this.way);
	}

	/** Waits until the successor has committed; the holder stays stopped. */
	Optional<Commit> successorsCommit() throws InterruptedException {
		return outcome(this.successor, "successor");
	}

	/**
	 * Lets the holder go on; answers nothing if its commit ended with the loss of its
	 * key.
	 */
	Optional<Commit> holdersCommit() throws InterruptedException {
		this.holder.resume();
		return outcome(this.holder, this.holderLabel);
	}

	private Optional<Commit> outcome(ChildJvm process, String label) throws InterruptedException {
		String[] words = process.await("outcome " + this.key).split(" ", -1);
		return words[0].equals("committed") ? Optional.of(new Commit(this.key, Long.parseLong(words[1]), label))
				: Optional.empty();
	}

}
