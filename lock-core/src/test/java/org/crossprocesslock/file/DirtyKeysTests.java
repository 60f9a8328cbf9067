package org.crossprocesslock.file;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DirtyKeysTests {

	private final DirtyKeys keys = new DirtyKeys();

	@Test
	void aKeyIsDirtyFromAnotherHolderUntilItIsSaidToBeClean() {
		this.keys.acquired("key", 0, 1);
		assertThat(this.keys.isDirty("key")).as("nothing of it can be cached").isFalse();
		assertThat(this.keys.acquired("key", 1, 2)).isFalse();
		assertThat(this.keys.isDirty("key")).isFalse();
		assertThat(this.keys.acquired("key", 3, 4)).isTrue();
		assertThat(this.keys.isDirty("key")).isTrue();
		assertThat(this.keys.acquired("key", 4, 5)).isFalse();
		assertThat(this.keys.isDirty("key")).as("nobody has said that it is clean").isTrue();
		this.keys.clear("key");
		assertThat(this.keys.acquired("key", 5, 6)).isFalse();
		assertThat(this.keys.isDirty("key")).isFalse();
	}

	@Test
	void allAreDirtyOnceOthersMayHaveHeldAny() {
		this.keys.acquired("key", 0, 1);
		this.keys.markAll();
		assertThat(this.keys.isDirty("key")).isTrue();
		assertThat(this.keys.isDirty("new")).isFalse();
	}

	@Test
	void aKeyThatWasForgottenCountsAsDirtyAndThoseInUseAreNot() {
		this.keys.acquired("forgotten", 0, 1);
		this.keys.acquired("used", 0, 2);
		for (int i = 2; i < DirtyKeys.REMEMBERED; i++) {
			this.keys.acquired("key-" + i, 0, i + 1);
		}
		this.keys.acquired("used", 2, DirtyKeys.REMEMBERED + 1);
		assertThat(this.keys.isDirty("new")).as("none was forgotten so far").isFalse();
		this.keys.acquired("one-more", 0, DirtyKeys.REMEMBERED + 2);
		assertThat(this.keys.isDirty("forgotten")).isTrue();
		assertThat(this.keys.acquired("forgotten", 1, DirtyKeys.REMEMBERED + 3)).isTrue();
		assertThat(this.keys.isDirty("forgotten")).isTrue();
		assertThat(this.keys.acquired("used", DirtyKeys.REMEMBERED + 1, DirtyKeys.REMEMBERED + 4)).isFalse();
		assertThat(this.keys.isDirty("used")).isFalse();
	}

}
