package org.crossprocesslock.file;

import java.nio.file.Path;
import java.util.List;

import org.crossprocesslock.LockReach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What mounts tell about locks. */
class FileSystemKindTests {

	private static final String ROOT = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw";

	@ParameterizedTest
	@ValueSource(strings = { "ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs" })
	void aLocalFileSystemIsFastAndSilent(String type) {
		FileSystemKind kind = on(type, "rw");
		assertThat(kind.isLocal()).isTrue();
		assertThat(kind.reach()).isEqualTo(LockReach.PROCESSES);
		assertThat(kind.warning()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "nolock", "local_lock=all", "local_lock=posix" })
	void nfsWithoutLocksIsWarnedOf(String option) {
		FileSystemKind kind = on("nfs", "rw,vers=3," + option + ",addr=127.0.0.1");
		assertThat(kind.isLocal()).isFalse();
		assertThat(kind.reach()).isEqualTo(LockReach.PROCESSES);
		assertThat(kind.warning()).hasValueSatisfying(
				(warning) -> assertThat(warning).contains("without its locks").contains("Mount it with locks"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "nfs", "nfs4" })
	void nfsWithLocksIsNotLocal(String type) {
		FileSystemKind kind = on(type, "rw,vers=4.2,local_lock=none");
		assertThat(kind.isLocal()).isFalse();
		assertThat(kind.reach()).isEqualTo(LockReach.MACHINES);
		assertThat(kind.warning()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "fuse", "fuse.bindfs", "fuseblk", "9p", "cifs", "smb3", "virtiofs", "ceph" })
	void whatIsNotSupportedIsWarnedOf(String type) {
		FileSystemKind kind = on(type, "rw");
		assertThat(kind.isLocal()).isFalse();
		assertThat(kind.reach()).isEqualTo(LockReach.THREADS);
		assertThat(kind.warning())
			.hasValueSatisfying((warning) -> assertThat(warning).contains("not supported (" + type + ")"));
	}

	@Test
	void theInnermostMountCountsAndTheLastOneOverIt() {
		List<String> mounts = List.of(ROOT, "30 22 0:40 / /data rw - nfs4 server:/ rw",
				"31 30 0:41 / /data/x rw - xfs x rw", "32 22 0:42 / /data rw - tmpfs none rw");
		assertThat(on("/data/x/y", mounts).type()).isEqualTo("xfs");
		assertThat(on("/data/z", mounts).type()).isEqualTo("tmpfs");
		assertThat(on("/database", mounts).type()).isEqualTo("ext4");
	}

	@Test
	void spacesInTheNameOfAMountAreUnderstood() {
		List<String> mounts = List.of(ROOT, "garbage", "30 22 0:40 / /my\\040data rw - nfs4 server:/ rw");
		assertThat(on("/my data/locks", mounts).type()).isEqualTo("nfs4");
	}

	@Test
	void aMountWhoseNameIsNoPathHereIsPassedOver() {
		// as one with an umlaut is in the locale of many services, POSIX
		List<String> mounts = List.of(ROOT, "30 22 0:40 / /no\\000path rw - nfs4 server:/ rw");
		assertThat(on("/data/locks", mounts).type()).isEqualTo("ext4");
	}

	private static FileSystemKind on(String type, String options) {
		return on("/data/locks", List.of(ROOT, "30 22 0:40 / /data rw,noatime - " + type + " source " + options));
	}

	private static FileSystemKind on(String path, List<String> mounts) {
		return Mount.of(Path.of(path), mounts.stream()).orElseThrow().kind();
	}

}
