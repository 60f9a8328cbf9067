package org.crossprocesslock.lease;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Loads the library and its tests anew, with the classes of a {@link ShellMutant}. */
final class MutatingLoader extends ClassLoader {

	private static final String PACKAGE = "org.crossprocesslock.";

	private final Map<String, ByteArrayOutputStream> changed;

	MutatingLoader(ShellMutant mutant) throws IOException {
		super(MutatingLoader.class.getClassLoader());
		this.changed = compiled(mutant);
	}

	@Override
	protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
		if (!name.startsWith(PACKAGE)) {
			return super.loadClass(name, resolve);
		}
		synchronized (getClassLoadingLock(name)) {
			Class<?> loaded = findLoadedClass(name);
			return (loaded != null) ? loaded : defined(name);
		}
	}

	private Class<?> defined(String name) throws ClassNotFoundException {
		ByteArrayOutputStream bytes = this.changed.get(name);
		byte[] code = (bytes != null) ? bytes.toByteArray() : asItIs(name);
		return defineClass(name, code, 0, code.length);
	}

	private byte[] asItIs(String name) throws ClassNotFoundException {
		try (InputStream code = getResourceAsStream(name.replace('.', '/') + ".class")) {
			if (code == null) {
				throw new ClassNotFoundException(name);
			}
			return code.readAllBytes();
		}
		catch (IOException ex) {
			throw new ClassNotFoundException(name, ex);
		}
	}

	private static Map<String, ByteArrayOutputStream> compiled(ShellMutant mutant) throws IOException {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();
		StringWriter complaints = new StringWriter();
		String path = Stream.of(LeaseMachine.class, LoggerFactory.class, Nullable.class)
			.map(MutatingLoader::place)
			.collect(Collectors.joining(System.getProperty("path.separator")));
		try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
			boolean done = compiler
				.getTask(complaints, new Memory(files, classes), null,
						List.of("-proc:none", "-nowarn", "-classpath", path), null, List.of(new Source(mutant)))
				.call();
			if (!done) {
				throw new IllegalStateException(mutant + " is no Java: " + complaints);
			}
		}
		return classes;
	}

	private static String place(Class<?> type) {
		try {
			CodeSource source = Objects.requireNonNull(type.getProtectionDomain().getCodeSource());
			return Path.of(source.getLocation().toURI()).toString();
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static final class Source extends SimpleJavaFileObject {

		private final ShellMutant mutant;

		Source(ShellMutant mutant) {
			super(URI.create("string:///" + mutant.className().replace('.', '/') + Kind.SOURCE.extension), Kind.SOURCE);
			this.mutant = mutant;
		}

		@Override
		public CharSequence getCharContent(boolean ignoreEncodingErrors) throws IOException {
			return this.mutant.source();
		}

	}

	/** Keeps classes where they are used. */
	private static final class Memory extends ForwardingJavaFileManager<JavaFileManager> {

		private final Map<String, ByteArrayOutputStream> classes;

		Memory(JavaFileManager files, Map<String, ByteArrayOutputStream> classes) {
			super(files);
			this.classes = classes;
		}

		@Override
		public JavaFileObject getJavaFileForOutput(Location location, String className, JavaFileObject.Kind kind,
				@Nullable FileObject sibling) {
			return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {

				@Override
				public OutputStream openOutputStream() {
					ByteArrayOutputStream code = new ByteArrayOutputStream();
					Memory.this.classes.put(className, code);
					return code;
				}

			};
		}

	}

}
