package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.crossprocesslock.Interleavings.explore;
import static org.crossprocesslock.Interleavings.require;
import static org.crossprocesslock.Interleavings.together;

/** Readers of a lease term, its renewals and its end under every order of a few steps. */
@Tag("lincheck")
class LeaseTermInterleavingTests {

	@Test
	void aTermThatWasSeenOverIsNeverSeenHeld() {
		explore(() -> {
			LeaseTerm term = new LeaseTerm("id", Duration.ofSeconds(10), at(0));
			AtomicBoolean seenOver = new AtomicBoolean();
			together(() -> {
				boolean over = seenOver.get();
				require(!(over && term.isHeld(at(8))), "held after it was over");
			}, () -> {
				if (!term.isHeld(at(9))) {
					seenOver.set(true);
					require(!term.isHeld(at(8)), "held after it was over");
				}
			}, () -> term.extend(at(5)));
			require(!(seenOver.get() && term.isHeld(at(8))), "revived");
		});
	}

	@Test
	void nothingRevivesATermThatWasEnded() {
		explore(() -> {
			LeaseTerm term = new LeaseTerm("id", Duration.ofSeconds(10), at(0));
			together(() -> term.end(null), () -> term.extend(at(5)), () -> term.isHeld(at(9)));
			require(!term.isHeld(at(1)), "held after its end");
		});
	}

	@Test
	void twoRenewalsCountTheLater() {
		explore(() -> {
			LeaseTerm term = new LeaseTerm("id", Duration.ofSeconds(10), at(0));
			together(() -> term.extend(at(5)), () -> term.extend(at(3)), () -> term.isHeld(at(8)));
			require(term.isHeld(at(13)), "the earlier renewal shortened it");
			require(!term.isHeld(at(14)), "held for longer than the later renewal says");
		});
	}

	private static Instants at(int second) {
		return new Instants(second * 1_000_000_000L, second * 1000L);
	}

}
