package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

import org.crossprocesslock.LockReach;
import org.crossprocesslock.file.SystemLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that a service knows whom its locks exclude, and can refuse to start with less.
 */
@ExtendWith(OutputCaptureExtension.class)
class LockReachTests {

	private static final String DISK = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard";

	private static final String LAYERS = "612 540 0:61 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/a:/b";

	private final Path directory;

	private final Path root;

	private final ApplicationContextRunner contextRunner;

	private final ApplicationContextRunner withDatabase;

	LockReachTests(@TempDir Path directory, @TempDir Path root) throws IOException {
		this.directory = directory.toRealPath();
		this.root = root;
		this.contextRunner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class))
			.withBean(SystemFiles.class, () -> new SystemFiles(root));
		this.withDatabase = this.contextRunner
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class));
	}

	@Test
	void databaseInMemoryIsAWarning(CapturedOutput output) {
		this.withDatabase.run((context) -> {
			assertThat(context.getBean(LockBackend.class).reach()).isEqualTo(LockReach.THREADS);
			assertThat(output)
				.contains("WARN", "Locks of the jdbc backend exclude the threads of this process only",
						"not the processes of all machines", "the H2 database is in the memory of this process",
						"Use a database server", "cross-process-lock.required-reach=threads")
				.contains("Locks use the jdbc backend: there is a single DataSource [dataSource]. They exclude the "
						+ "threads of this process: the H2 database is in the memory of this process");
		});
	}

	@Test
	void databaseInAFileIsAWarning(CapturedOutput output) {
		withUrl("").run((context) -> {
			assertThat(context.getBean(LockBackend.class).reach()).isEqualTo(LockReach.THREADS);
			assertThat(output).contains("WARN", "a file that one process at a time can open");
		});
	}

	@Test
	void databaseThatServesItsHostIsAWarningUnlessThatIsEnough(CapturedOutput output) {
		ApplicationContextRunner served = withUrl(";AUTO_SERVER=TRUE;WRITE_DELAY=0");
		served.withPropertyValues("cross-process-lock.required-reach=processes").run((context) -> {
			assertThat(context.getBean(LockBackend.class).reach()).isEqualTo(LockReach.PROCESSES);
			assertThat(output).doesNotContain("WARN").contains("a file with AUTO_SERVER");
		});
		served.run((context) -> assertThat(output).contains("WARN", "exclude the processes of this host only"));
	}

	@Test
	void databaseThatWritesLateIsRefusedWithARemedyThatKeepsIt() {
		withUrl(";AUTO_SERVER=TRUE").withPropertyValues("cross-process-lock.required-reach=processes")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(RefusedStartException.class, (ex) -> {
					assertThat(ex.getDescription()).endsWith("append ;WRITE_DELAY=0 to its URL.");
					assertThat(ex.getAction()).startsWith("Use a database server, or change that. If less is enough");
				}));
	}

	@Test
	void fileInAContainerIsAWarningUnlessThatIsEnough(CapturedOutput output) throws IOException {
		has("proc/self/mountinfo", LAYERS);
		ApplicationContextRunner file = inDirectory();
		file.withPropertyValues("cross-process-lock.required-reach=container").run((context) -> {
			assertThat(context.getBean(LockBackend.class).reach()).isEqualTo(LockReach.CONTAINER);
			assertThat(output).doesNotContain("WARN");
		});
		file.run((context) -> assertThat(output).contains("WARN", "exclude the processes of this container only",
				this.directory + " is in the file system of this container", "on a volume",
				"cross-process-lock.file.directory", "cross-process-lock.required-reach=container"));
	}

	@Test
	void aMountWhoseNameIsNoTextIsPassedOver() throws IOException {
		has("proc/self/mountinfo", LAYERS);
		Files.write(this.root.resolve("proc/self/mountinfo"),
				"\n28 1 0:9 / /mnt/\u00e4 rw - ext4 x rw\n".getBytes(StandardCharsets.ISO_8859_1),
				StandardOpenOption.APPEND);
		assertThat(new SystemFiles(this.root).isContainer()).isTrue();
	}

	@Test
	void defaultDirectoryOfAContainerIsAWarningToo(CapturedOutput output) throws IOException {
		has("proc/self/mountinfo", LAYERS);
		this.contextRunner.withSystemProperties("user.home=" + this.directory)
			.withPropertyValues("spring.application.name=shop")
			.run((context) -> assertThat(output).contains("WARN",
					this.directory.resolve(".cross-process-lock/shop") + " is in the file system of this container"));
	}

	@Test
	void fileOnAHostIsNoWarning(CapturedOutput output) throws IOException {
		has("proc/self/mountinfo", DISK);
		inDirectory().run((context) -> {
			assertThat(context.getBean(LockBackend.class).reach()).isEqualTo(LockReach.PROCESSES);
			assertThat(output).doesNotContain("WARN")
				.contains(
						"They exclude the processes of this host: " + this.directory + " is a directory of this host");
		});
	}

	@Test
	void fileSystemWithoutLocksIsWarnedOfByTheLockManagerAlone(CapturedOutput output) throws IOException {
		has("proc/self/mountinfo", DISK + "\n9 1 0:5 / " + this.directory + " rw - 9p x rw");
		inDirectory().run((context) -> {
			assertThat(context.getBean(LockBackend.class).reach()).isEqualTo(LockReach.THREADS);
			// it asks the real machine
			assertThat(output).doesNotContain("WARN").contains("They exclude the threads of this process");
		});
		inDirectory().withPropertyValues("cross-process-lock.required-reach=processes")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(RefusedStartException.class)
				.hasMessageContaining("not supported (9p)"));
	}

	@Test
	void fileWhereTheSystemTellsNothingIsNoWarning(CapturedOutput output) {
		inDirectory().run((context) -> {
			assertThat(context.getBean(LockBackend.class).reach()).isEqualTo(LockReach.PROCESSES);
			assertThat(output).doesNotContain("WARN");
		});
	}

	@ParameterizedTest
	@CsvSource({ "memory, processes, they are in its memory", "file, machines, is a directory of this host",
			"jdbc, Container, in the memory of this process", "jdbc, MACHINES, in the memory of this process" })
	void startIsRefusedWithLessThanRequired(String backend, String required, String reason) throws IOException {
		has("proc/self/mountinfo", DISK);
		this.withDatabase.withPropertyValues("cross-process-lock.backend=" + backend,
				"cross-process-lock.required-reach=" + required, "cross-process-lock.file.directory=" + this.directory)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(RefusedStartException.class)
				.hasMessageContaining("cross-process-lock.required-reach=")
				.hasMessageContaining("those of the " + backend + " backend exclude")
				.hasMessageContaining(reason));
		assertThat(this.directory).isEmptyDirectory();
	}

	@ParameterizedTest
	@ValueSource(strings = { "threads", "container", "processes" })
	void startIsNotRefusedWithEnough(String required) throws IOException {
		has("proc/self/mountinfo", DISK);
		inDirectory().withPropertyValues("cross-process-lock.required-reach=" + required)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					/data   | FCNTL | 9 1 8:1 /srv /data rw - ext4 /dev/sda rw                      | PROCESSES | this host
					/data   | FCNTL | 9 1 0:5 / /data rw - nfs4 server:/x rw,local_lock=none        | MACHINES  | on NFS
					/data   | FCNTL | 9 1 0:5 / /data rw shared:7 - nfs server:/x rw,nolock         | PROCESSES | without its locks
					/data   | FCNTL | 9 1 0:5 / /data rw - nfs4 server:/x rw,local_lock=posix       | PROCESSES | without its locks
					/data   | FLOCK | 9 1 0:5 / /data rw - nfs4 server:/x rw                        | PROCESSES | flock
					/data   | FCNTL | 9 1 0:5 / /data rw - cifs //server/x rw                       | THREADS   | (cifs)
					/data   | FCNTL | 9 1 0:5 / /data rw - fuse.sshfs x rw                          | THREADS   | (fuse.sshfs)
					/data   | FCNTL | 9 1 0:5 / /data rw - fuseblk /dev/sdb rw                      | THREADS   | (fuseblk)
					/data   | FCNTL | 9 1 0:5 / /data/x rw - cifs //server/x rw                     | PROCESSES | this host
					/a b/c  | FCNTL | 9 1 0:5 / /a\\040b rw - 9p x rw                               | THREADS   | (9p)
					/data/c | FCNTL | 9 1 0:5 / /data/c rw - 9p x rw                                | THREADS   | (9p)
					/datac  | FCNTL | 9 1 0:5 / /data rw - 9p x rw                                  | PROCESSES | this host
					/data   | FCNTL | nonsense                                                      | PROCESSES | this host
					""")
	void reachOnAHostIsThatOfTheFileSystem(Path path, SystemLock lock, String mount, LockReach reach, String reason)
			throws IOException {
		has("proc/self/mountinfo", DISK + "\n" + mount + "\n28 1 0:9 / /other rw - tmpfs tmpfs rw");
		assertThat(reach(path, lock).reach()).isEqualTo(reach);
		assertThat(reach(path, lock).reason()).contains(path.toString(), reason);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					/opt/locks  | 9 1 8:1 /srv /data rw - ext4 /dev/sda rw                                            | CONTAINER
					/tmp/locks  | 9 1 0:5 / /tmp rw - tmpfs tmpfs rw                                                  | CONTAINER
					/data       | 9 1 8:1 /srv/locks /data rw - ext4 /dev/sda rw                                      | PROCESSES
					/data       | 9 1 8:1 /var/lib/docker/volumes/locks/_data /data rw - xfs /dev/sda rw              | PROCESSES
					/data       | 9 1 8:1 /var/lib/docker/volumes/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/_data /data rw - xfs /dev/sda rw | CONTAINER
					/data       | 9 1 8:1 /kubelet/pods/1/volumes/kubernetes.io~empty-dir/locks /data rw - ext4 /dev/sda rw | CONTAINER
					/data       | 9 1 0:5 / /data rw - nfs4 server:/x rw                                              | MACHINES
					/run/locks  | 9 1 0:5 /locks /run/locks rw - tmpfs tmpfs rw                                       | PROCESSES
					""")
	void reachInAContainerIsThatOfTheVolume(Path path, String mount, LockReach reach) throws IOException {
		has("proc/self/mountinfo", LAYERS + "\n" + mount);
		assertThat(reach(path, SystemLock.FCNTL).reach()).isEqualTo(reach);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			.dockerenv           | ''
			run/.containerenv    | ''
			proc/self/cgroup     | 0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope
			proc/self/cgroup     | 4:memory:/docker/0123
			proc/1/cgroup        | 0::/machine.slice/libpod-0123.scope/container
			proc/1/cgroup        | 1:cpu:/lxc/name
			""")
	void containerIsKnownByItsMarks(String file, String content) throws IOException {
		has("proc/self/mountinfo", DISK);
		assertThat(reach(Path.of("/opt"), SystemLock.FCNTL).reach()).isEqualTo(LockReach.PROCESSES);
		has(file, content);
		assertThat(reach(Path.of("/opt"), SystemLock.FCNTL).reach()).isEqualTo(LockReach.CONTAINER);
	}

	@Test
	void hostThatRunsContainersIsNone() throws IOException {
		has("proc/self/mountinfo", DISK);
		has("proc/self/cgroup", "0::/user.slice/user-1000.slice/session-2.scope");
		has("proc/1/cgroup", "0::/init.scope\n1:name=systemd:/system.slice/docker.service");
		assertThat(new SystemFiles(this.root).isContainer()).isFalse();
	}

	private FileReach reach(Path path, SystemLock lock) {
		LockFileProperties properties = new LockFileProperties();
		properties.getPid().setSystemLock(lock);
		return FileReach.of(path, properties, new SystemFiles(this.root));
	}

	private void has(String file, String content) throws IOException {
		Path path = this.root.resolve(file);
		Files.createDirectories(Objects.requireNonNull(path.getParent()));
		Files.writeString(path, content + "\n");
	}

	private ApplicationContextRunner inDirectory() {
		return this.contextRunner.withPropertyValues("cross-process-lock.file.directory=" + this.directory);
	}

	private ApplicationContextRunner withUrl(String settings) {
		return this.withDatabase.withPropertyValues(
				"spring.datasource.url=jdbc:h2:file:" + this.directory.resolve("locks") + settings,
				"spring.datasource.username=sa");
	}

}
