package org.crossprocesslock.lease;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LeaseTermTests {

	private static final long SECOND = 1_000_000_000L;

	private final LeaseTerm term = new LeaseTerm("id", Duration.ofSeconds(10), at(0));

	@Test
	void aRenewalExtendsIt() {
		this.term.extend(at(5));
		assertThat(this.term.isHeld(at(13))).isTrue();
		assertThat(this.term.isHeld(at(14))).isFalse();
	}

	@Test
	void anEarlierRenewalShortensNothing() {
		this.term.extend(at(5));
		this.term.extend(at(1));
		assertThat(this.term.isHeld(at(13))).isTrue();
	}

	@Test
	void noRenewalRevivesWhatAReaderHasSeenOver() {
		// a reader on another thread may have a later time than the event in hand
		assertThat(this.term.isHeld(at(9))).isFalse();
		this.term.extend(at(5));
		assertThat(this.term.isHeld(at(8))).isFalse();
	}

	@Test
	void nothingRevivesWhatWasEnded() {
		this.term.end(null);
		this.term.extend(at(5));
		assertThat(this.term.isHeld(at(0))).isFalse();
	}

	private static Instants at(int second) {
		return new Instants(second * SECOND, second * 1000L);
	}

}
