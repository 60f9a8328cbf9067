package org.crossprocesslock.lease.jdbc;

import java.util.Collections;
import java.util.List;
import java.util.UUID;

import org.crossprocesslock.lease.Notice;
import org.crossprocesslock.lease.Notice.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class NoticeTextTests {

	@ParameterizedTest
	@EnumSource(Kind.class)
	void whatIsWrittenIsRead(Kind kind) {
		for (List<String> waiting : List.of(List.<String>of(), List.of("lease-2"), List.of("lease-2", "lease-3"))) {
			Notice notice = new Notice("lease-0", "lease-1", kind, "a.Key_1", waiting);
			assertThat(NoticeText.read("lease-0", NoticeText.write(notice))).isEqualTo(notice);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "f", "trial", "f lease-1 key", "x lease-1 key lease-2",
			"f lease-1 key not-an-id-of-22-chars!" })
	void whatOthersSendOnTheChannelIsNoNotice(String text) {
		assertThat(NoticeText.read("lease-0", text)).isNull();
	}

	@Test
	void theLongestNoticeFitsIntoANotification() {
		String lease = UUID.randomUUID().toString();
		Notice notice = new Notice(lease, lease, Kind.FREE, "k".repeat(200), Collections.nCopies(301, lease));
		String text = NoticeText.write(notice);
		assertThat(text).hasSizeLessThan(8000);
		assertThat(NoticeText.read(lease, text)).isEqualTo(notice);
	}

}
