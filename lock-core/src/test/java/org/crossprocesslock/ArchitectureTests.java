package org.crossprocesslock;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.Timer;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadFactory;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import net.jqwik.api.Property;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/** The shape of the core: who may know whom, and what nobody may do. */
class ArchitectureTests {

	private static final String ROOT = "org.crossprocesslock";

	private static final String[] EVERYWHERE = { "java.lang..", "java.time..", "java.util..", "java.io..", "java.net..",
			"java.nio..", "java.math..", "java.security..", "org.jspecify.." };

	/** What each package may use beyond itself and what is used everywhere. */
	private static final Map<String, Set<String>> MAY_USE = Map.of(ROOT, Set.of(), //
			ROOT + ".engine", Set.of(ROOT, "org.slf4j"), //
			ROOT + ".memory", Set.of(ROOT, ROOT + ".engine", "org.slf4j"), //
			ROOT + ".file", Set.of(ROOT, ROOT + ".engine", ROOT + ".memory", "org.slf4j", "com.sun.jna.."), //
			ROOT + ".lease", Set.of(ROOT, ROOT + ".engine", ROOT + ".memory", "org.slf4j"), //
			ROOT + ".lease.jdbc",
			Set.of(ROOT, ROOT + ".engine", ROOT + ".lease", "org.slf4j", "java.sql", "javax.sql", "org.postgresql.."));

	private static final Pattern FORBIDDEN_WORDS = Pattern
		.compile("-(ttl|owner|mutex|keepalive|keep-alive|lock-at-(most|least)|stolen|max-wait)-");

	private static final JavaClasses main = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.importPackages(ROOT);

	private static final JavaClasses tests = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
		.importPackages(ROOT);

	@Test
	void everyPackageUsesOnlyWhatItMay() {
		Set<String> packages = main.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());
		assertThat(MAY_USE.keySet()).as("packages with a place in the order").containsAll(packages);
		for (String present : packages) {
			String[] allowed = Stream
				.concat(Stream.of(EVERYWHERE),
						Stream.concat(Stream.of(present), MAY_USE.getOrDefault(present, Set.of()).stream()))
				.toArray(String[]::new);
			classes().that()
				.resideInAPackage(present)
				.should()
				.onlyDependOnClassesThat(DescribedPredicate.describe("are among " + List.of(allowed),
						(used) -> used.getBaseComponentType().isPrimitive()
								|| JavaClass.Predicates.resideInAnyPackage(allowed).test(used.getBaseComponentType())))
				.check(main);
		}
	}

	@Test
	void packagesHaveNoCycles() {
		slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(main);
	}

	@Test
	void everyPackageIsNullMarked() {
		assertThat(main.stream()
			.map(JavaClass::getPackage)
			.filter((candidate) -> !candidate.isAnnotatedWith(NullMarked.class))
			.map((candidate) -> candidate.getName())
			.distinct()).isEmpty();
	}

	@Test
	void namesSayWhatAClassIs() {
		noClasses().should()
			.haveNameMatching(".*(Helper|Utils?|Impl)(\\$.*)?")
			.orShould()
			.haveSimpleNameStartingWith("Abstract")
			.orShould()
			.resideInAnyPackage("..util..", "..utils..", "..common..", "..impl..", "..internal..")
			.check(main);
	}

	@Test
	void everyThingHasItsOneWord() {
		Set<String> identifiers = new TreeSet<>();
		for (JavaClass type : main) {
			identifiers.add(type.getSimpleName());
			type.getMembers().stream().map(JavaMember::getName).forEach(identifiers::add);
			for (var method : type.reflect().getDeclaredMethods()) {
				Stream.of(method.getParameters()).map((parameter) -> parameter.getName()).forEach(identifiers::add);
			}
		}
		assertThat(identifiers).contains("MemoryLockManager", "fencingToken", "waitTime")
			.noneMatch(ArchitectureTests::isForbidden);
	}

	@ParameterizedTest
	@ValueSource(strings = { "ttl", "leaseTtl", "LOCK_OWNER", "ownerId", "keepAlive", "KeepaliveTask", "lockAtMostFor",
			"TTLSeconds" })
	void aForbiddenWordIsFoundInsideAnIdentifier(String identifier) {
		assertThat(isForbidden(identifier)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "throttle", "settled", "keepAndAlive", "lockAttempt" })
	void aWordThatOnlyContainsAForbiddenOneIsAllowed(String identifier) {
		assertThat(isForbidden(identifier)).isFalse();
	}

	@Test
	void nothingIsSynchronized() throws IOException {
		noMethods().should().haveModifier(JavaModifier.SYNCHRONIZED).check(main);
		Pattern block = Pattern.compile("\\bsynchronized\\s*\\(");
		try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
			List<Path> sources = files.filter((file) -> file.toString().endsWith(".java")).toList();
			assertThat(sources).hasSizeGreaterThan(20);
			assertThat(sources).noneMatch((source) -> block.matcher(text(source)).find());
		}
	}

	@Test
	void theClockIsReadInOnePlace() {
		noClasses()
			.that(DescribedPredicate.describe("are not the TimeSource",
					(type) -> !type.getName().startsWith(TimeSource.class.getName())))
			.should()
			.callMethodWhere(DescribedPredicate.describe("a clock is read", ArchitectureTests::readsAClock))
			.orShould()
			.dependOnClassesThat()
			.haveFullyQualifiedName("java.util.Date")
			.check(main);
	}

	/** A thread made elsewhere would inherit what its maker is busy with. */
	@Test
	void threadsAreMadeInOnePlace() {
		noClasses().that()
			.doNotHaveFullyQualifiedName(EngineThreads.class.getName())
			.should()
			.callCodeUnitWhere(
					DescribedPredicate.describe("a thread is made or borrowed", ArchitectureTests::makesAThread))
			.check(main);
	}

	@Test
	void nobodySleeps() {
		noClasses().should()
			.callMethodWhere(DescribedPredicate.describe("a thread sleeps",
					(call) -> call.getTarget().getName().equals("sleep")))
			.check(main);
	}

	@Test
	void nobodyWritesToTheConsoleOrToTheLoggerOfTheJdk() {
		GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(main);
		GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(main);
	}

	@Test
	void namesOfTestsAreStatements() {
		noMethods().that()
			.areAnnotatedWith(Test.class)
			.or()
			.areAnnotatedWith(ParameterizedTest.class)
			.or()
			.areAnnotatedWith(Property.class)
			.should()
			.haveNameMatching("(test|should)[A-Z].*|.*_.*")
			.check(tests);
	}

	private static boolean isForbidden(String identifier) {
		String words = identifier.replaceAll("([a-z0-9])([A-Z])", "$1-$2")
			.replaceAll("([A-Z])([A-Z][a-z])", "$1-$2")
			.replace('_', '-')
			.toLowerCase(Locale.ROOT);
		return FORBIDDEN_WORDS.matcher("-" + words + "-").find();
	}

	private static boolean makesAThread(JavaCall<?> call) {
		JavaClass type = call.getTarget().getOwner();
		String method = call.getTarget().getName();
		boolean leavesTheFactoryOut = call.getTarget()
			.getRawParameterTypes()
			.stream()
			.noneMatch((parameter) -> parameter.isEquivalentTo(ThreadFactory.class)
					|| parameter.isEquivalentTo(Executor.class));
		if (method.equals("<init>")) {
			return type.isAssignableTo(Thread.class) || type.isAssignableTo(Timer.class)
					|| (type.isAssignableTo(ExecutorService.class) && leavesTheFactoryOut);
		}
		if (type.isEquivalentTo(CompletableFuture.class)) {
			// those take a thread of the common pool or of the delayer
			return (method.endsWith("Async") && leavesTheFactoryOut) || method.endsWith("OnTimeout")
					|| method.equals("orTimeout");
		}
		return (type.isEquivalentTo(Executors.class) && leavesTheFactoryOut)
				|| (type.isEquivalentTo(Cleaner.class) && method.equals("create") && leavesTheFactoryOut)
				|| type.isEquivalentTo(ForkJoinPool.class) || method.equals("parallelStream")
				|| method.equals("ofVirtual") || method.equals("startVirtualThread");
	}

	private static boolean readsAClock(JavaAccess<?> call) {
		String type = call.getTarget().getOwner().getName();
		String method = call.getTarget().getName();
		return (type.equals("java.lang.System") && (method.equals("nanoTime") || method.equals("currentTimeMillis")))
				|| (type.startsWith("java.time.") && (method.equals("now") || method.startsWith("system")));
	}

	private static String text(Path source) {
		try {
			return Files.readString(source);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
