package org.crossprocesslock;

import java.io.IOException;
import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LockExceptionTests {

	@Test
	void aTimeoutNamesKeyTimeHolderAndRemedy() {
		assertThat(new LockTimeoutException("key", Duration.ofSeconds(5), "host-1:4711"))
			.hasMessage("Key 'key' was busy for the whole wait of PT5S, last seen with holder 'host-1:4711'; "
					+ "wait longer, or do without the work this time");
		assertThat(new LockTimeoutException("key", Duration.ofSeconds(5), null).getMessage()).doesNotContain("holder",
				"null");
	}

	@Test
	void aLossNamesKeyTokenReasonAndConsequence() {
		assertThat(new LockLostException("key", 42, "the lease ran out"))
			.hasMessage("Key 'key' (fencing token 42) was lost while it was held: the lease ran out. "
					+ "Others may have held it since; treat the work done under it as done without a lock");
	}

	@Test
	void aStoreFailureKeepsItsCause() {
		IOException cause = new IOException("refused");
		LockStoreException ex = new LockStoreException("No connection", cause, false);
		assertThat(ex).hasMessage("No connection").hasCause(cause);
		assertThat(ex.isPermanent()).isFalse();
	}

	@Test
	void anInterruptNamesTheKey() {
		InterruptedException cause = new InterruptedException();
		assertThat(new LockInterruptedException("key", cause)).hasMessageContaining("'key'").hasCause(cause);
	}

}
