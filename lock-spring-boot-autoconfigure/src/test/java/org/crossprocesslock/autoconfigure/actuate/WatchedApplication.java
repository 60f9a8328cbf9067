package org.crossprocesslock.autoconfigure.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.OnBusy;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;

import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

/**
 * An application with locks in a database and Actuator on a port, and another process on
 * the same tables.
 */
final class WatchedApplication implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private final LeaseLockManager other;

	WatchedApplication(String... properties) {
		String database = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
		this.context = new SpringApplicationBuilder(Configured.class)
			.properties("server.port=0", "spring.jmx.enabled=true", "spring.datasource.url=" + database,
					"spring.datasource.generate-unique-name=false", "cross-process-lock.backend=jdbc",
					"management.endpoints.web.exposure.include=*", "management.endpoints.jmx.exposure.include=*",
					"management.endpoint.health.show-details=always", "spring.application.name=orders",
					"spring.main.banner-mode=off", "spring.flyway.enabled=false", "spring.liquibase.enabled=false")
			.properties(properties)
			.run();
		JdbcLeaseStore store = JdbcLeaseStore.builder(this.context.getBean(DataSource.class)).build();
		this.other = new LeaseLockManager(store, LeaseOptions.defaults(), "orders@other/12", new LockListener() {
		});
	}

	/** As an application's user calls it. */
	HttpResponse<String> getOfApplication(String path) throws IOException, InterruptedException {
		String port = this.context.getEnvironment().getRequiredProperty("local.server.port");
		return send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).GET());
	}

	LockManager locks() {
		return this.context.getBean(LockManager.class);
	}

	/** The manager of another process. */
	LeaseLockManager other() {
		return this.other;
	}

	List<AuditEvent> audited() {
		return this.context.getBean(Configured.class).audited;
	}

	HttpResponse<String> get(String path) throws IOException, InterruptedException {
		return send(request(path).GET());
	}

	HttpResponse<String> delete(String path) throws IOException, InterruptedException {
		return send(request(path).DELETE());
	}

	private HttpRequest.Builder request(String path) {
		Environment environment = this.context.getEnvironment();
		String port = environment.getProperty("local.management.port",
				environment.getRequiredProperty("local.server.port"));
		String base = environment.getProperty("management.endpoints.web.base-path", "/actuator");
		return HttpRequest.newBuilder(URI.create("http://localhost:" + port + base + path));
	}

	private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
		// a connection of its own: Reactor Netty has been seen not to read from a kept
		// one
		HttpClient client = HttpClient.newBuilder().version(Version.HTTP_1_1).build();
		return client.send(request.timeout(Duration.ofMinutes(1)).build(), BodyHandlers.ofString());
	}

	@Override
	public void close() {
		Stream.of(this.other, this.context).forEach((each) -> {
			try {
				each.close();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	/** A method under a lock, and who hears of what is audited. */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Configured {

		private final List<AuditEvent> audited = new CopyOnWriteArrayList<>();

		@Bean
		Reports reports() {
			return new Reports();
		}

		@EventListener
		void audited(AuditApplicationEvent event) {
			this.audited.add(event.getAuditEvent());
		}

	}

	/** Work under a lock. */
	static class Reports {

		@CrossProcessLocked(key = "report-#{#customer}", holdAtLeast = "10m", waitTime = "10s", onBusy = OnBusy.SKIP)
		public void create(String customer) {
		}

	}

}
