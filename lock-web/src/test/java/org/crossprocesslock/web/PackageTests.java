package org.crossprocesslock.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The types, and the package for those who build with npm. */
@Timeout(120)
class PackageTests {

	private static final Path MODULE = Path.of("src/main/resources/META-INF/resources/cross-process-lock");

	private static final Path SOURCES = Path.of("src/test/resources/org/crossprocesslock/web");

	/** Kept between two runs, since the compiler has to be downloaded. */
	private static final Path COMPILER = Path.of("target/typescript");

	private final Path directory;

	PackageTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@BeforeAll
	static void npmIsThere() {
		boolean there = Stream.of(System.getenv("PATH").split(":"))
			.anyMatch((path) -> Files.isExecutable(Path.of(path, "npm")));
		if (!there) {
			System.out.println("No npm: the types and the package of lock-web are not checked");
		}
		assumeTrue(there, "npm is not installed");
	}

	@Test
	void theVersionIsThatOfTheJar() throws IOException {
		assertThat(first("\"version\": \"(.*?)\"", Path.of("package.json")))
			.isEqualTo(first("<version>(.*?)</version>", Path.of("pom.xml")));
	}

	@Test
	void theTypesAreThoseOfTheModule() throws Exception {
		copy(MODULE, this.directory);
		copy(SOURCES, this.directory);
		copy(MODULE, Files.createDirectory(this.directory.resolve("module")));
		Files.delete(this.directory.resolve("module/locks.d.ts"));
		assertThat(compile("user.ts", "--strict", "--exactOptionalPropertyTypes", "--lib", "es2022,dom")).isEmpty();
		assertThat(compile("conformity.ts", "--strict", "false", "--allowJs", "--checkJs", "--lib",
				"es2022,dom,dom.iterable,esnext.disposable"))
			.isEmpty();
	}

	@Test
	void thePackageCanBeInstalledAndImportedWhereThereIsNoBrowser() throws Exception {
		run(Path.of("."), "npm", "pack", "--silent", "--pack-destination", this.directory.toString());
		String archive = "crossprocesslock-web-" + first("\"version\": \"(.*?)\"", Path.of("package.json")) + ".tgz";
		assertThat(run(this.directory, "tar", "-tzf", archive).lines()).containsExactlyInAnyOrder("package/LICENSE",
				"package/README.md", "package/package.json", "package/" + MODULE + "/locks.js",
				"package/" + MODULE + "/locks.d.ts", "package/" + MODULE + "/tokens.js");
		run(this.directory, "npm", "install", "--silent", "--offline", "--no-audit", "--no-fund", "./" + archive);
		assertThat(run(this.directory, "node", "--input-type=module", "--eval", """
				import { tryLock, LockError } from "crossprocesslock-web";
				console.log(await tryLock("key").catch((error) => error instanceof LockError));
				""").strip()).isEqualTo("true");
	}

	private String compile(String source, String... options) throws Exception {
		Path compiler = COMPILER.resolve("node_modules/.bin/tsc").toAbsolutePath();
		if (!Files.exists(compiler)) {
			Files.createDirectories(COMPILER);
			run(COMPILER, "npm", "install", "--silent", "--no-audit", "--no-fund", "--no-save", "--prefix", ".",
					"typescript@" + first("\"typescript\": \"(.*?)\"", Path.of("package.json")));
		}
		List<String> command = new ArrayList<>(List.of(compiler.toString(), "--noEmit", "--target", "es2022",
				"--module", "esnext", "--moduleResolution", "bundler", "--pretty", "false", source));
		command.addAll(List.of(options));
		Process process = start(this.directory, command);
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor() == 0).as(output).isEqualTo(output.isEmpty());
		return output;
	}

	private static String run(Path directory, String... command) throws Exception {
		Process process = start(directory, List.of(command));
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
		return output;
	}

	private static Process start(Path directory, List<String> command) throws IOException {
		return new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
	}

	private static void copy(Path from, Path to) throws IOException {
		try (Stream<Path> files = Files.list(from)) {
			for (Path file : files.toList()) {
				Files.copy(file, to.resolve(file.getFileName()));
			}
		}
	}

	private static String first(String pattern, Path file) throws IOException {
		Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(file));
		assertThat(matcher.find()).as("%s in %s", pattern, file).isTrue();
		return matcher.group(1);
	}

}
