package org.crossprocesslock.benchmarks;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;

import org.crossprocesslock.Internal;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.integration.CrossProcessLockRegistry;
import org.crossprocesslock.shedlock.CrossProcessLockProvider;
import org.crossprocesslock.test.LockTester;
import org.junit.jupiter.api.Test;

import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.type.classreading.CachingMetadataReaderFactory;
import org.springframework.util.ClassUtils;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that what users compile against does not change by accident: all that is public
 * and not {@link Internal} is written down in {@code public-api.txt}, and the changelog
 * has its checksum. It is here since no other module sees all that are published.
 */
class PublicApiTests {

	private static final Path WRITTEN_DOWN = Path.of("src/test/resources/public-api.txt");

	private static final Path NOW = Path.of("target/public-api.txt");

	private static final Path CHANGELOG = Path.of("../CHANGELOG.md");

	/** Others are told in different ways by different versions of Java. */
	private static final int MODIFIERS = Modifier.PUBLIC | Modifier.PROTECTED | Modifier.FINAL;

	private static final List<Class<?>> OF_EACH_MODULE = List.of(LockManager.class, LockAutoConfiguration.class,
			LockTester.class, CrossProcessLockProvider.class, CrossProcessLockRegistry.class);

	@Test
	void publicApiIsTheOneWrittenDown() throws Exception {
		List<String> now = api();
		Files.createDirectories(NOW.getParent());
		Files.write(NOW, now, UTF_8);
		assertThat(now)
			.as("The public API has changed. If that is meant, say so in CHANGELOG.md, with the checksum "
					+ checksum(now) + " instead of the old one, and copy %s to %s", NOW, WRITTEN_DOWN)
			.isEqualTo(Files.readAllLines(WRITTEN_DOWN, UTF_8));
	}

	@Test
	void changelogKnowsOfIt() throws IOException {
		assertThat(Files.readString(CHANGELOG, UTF_8))
			.as("The changelog says what has changed in the public API, with its new checksum")
			.contains("`" + checksum(Files.readAllLines(WRITTEN_DOWN, UTF_8)) + "`");
	}

	private static String checksum(List<String> lines) {
		CRC32 sum = new CRC32();
		sum.update(String.join("\n", lines).getBytes(UTF_8));
		return HexFormat.of().toHexDigits(sum.getValue(), 8);
	}

	private static List<String> api() throws Exception {
		Set<String> lines = new TreeSet<>();
		for (Class<?> type : types()) {
			lines.add(type(type));
			members(type).forEach((member) -> lines.add(type.getName() + ": " + member));
		}
		return List.copyOf(lines);
	}

	private static List<Class<?>> types() throws Exception {
		CachingMetadataReaderFactory readers = new CachingMetadataReaderFactory();
		List<String> homes = OF_EACH_MODULE.stream().map(PublicApiTests::home).toList();
		Set<String> names = new TreeSet<>();
		for (Resource resource : new PathMatchingResourcePatternResolver()
			.getResources("classpath*:org/crossprocesslock/**/*.class")) {
			names.add(readers.getMetadataReader(resource).getClassMetadata().getClassName());
		}
		ClassLoader classes = PublicApiTests.class.getClassLoader();
		List<Class<?>> types = Stream.of(names.toArray(String[]::new))
			.filter((name) -> !name.endsWith("package-info"))
			.<Class<?>>map((name) -> ClassUtils.resolveClassName(name, classes))
			.filter((type) -> homes.contains(home(type)) && isForUsers(type))
			.toList();
		assertThat(types).hasSizeGreaterThan(50);
		return types;
	}

	private static String home(Class<?> type) {
		return Objects.requireNonNull(type.getProtectionDomain().getCodeSource()).getLocation().toString();
	}

	private static boolean isForUsers(Class<?> type) {
		for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
			if (!isOpen(outer.getModifiers()) || isInternal(outer) || outer.isAnonymousClass()) {
				return false;
			}
		}
		return !isInternal(type.getPackage());
	}

	private static boolean isInternal(AnnotatedElement element) {
		return element.isAnnotationPresent(Internal.class);
	}

	private static boolean isOpen(int modifiers) {
		return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
	}

	private static String type(Class<?> type) {
		String above = Stream
			.concat(Stream.ofNullable(type.getGenericSuperclass()), Stream.of(type.getGenericInterfaces()))
			.map(Type::getTypeName)
			.filter(Predicate.not(Object.class.getName()::equals))
			.collect(Collectors.joining(", "));
		String kind = type.isAnnotation() ? "annotation"
				: type.isInterface() ? "interface" : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
		String modifiers = Modifier.toString(type.getModifiers() & MODIFIERS);
		return type.getName() + " = " + modifiers + (type.isSealed() ? " sealed " : " ") + kind
				+ Arrays.toString(type.getTypeParameters()) + (above.isEmpty() ? "" : " of " + above);
	}

	private static Stream<String> members(Class<?> type) {
		boolean open = !Modifier.isFinal(type.getModifiers());
		return Stream
			.<Member>concat(Arrays.stream(type.getDeclaredFields()),
					Stream.concat(Arrays.stream(type.getDeclaredConstructors()),
							Arrays.stream(type.getDeclaredMethods())))
			.filter((member) -> !member.isSynthetic() && (Modifier.isPublic(member.getModifiers())
					|| (open && Modifier.isProtected(member.getModifiers()))))
			.map(PublicApiTests::signature);
	}

	private static String signature(Member member) {
		if (member instanceof Method method) {
			Object preset = method.getDefaultValue();
			return method.toGenericString() + ((preset != null) ? " default" : "");
		}
		return (member instanceof Executable executable) ? ((Constructor<?>) executable).toGenericString()
				: ((Field) member).toGenericString();
	}

}
