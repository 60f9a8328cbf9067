package org.springframework.boot.r2dbc.autoconfigure;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import org.reactivestreams.Publisher;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * Named like the one of Spring Boot, since its name decides when it comes.
 */
@AutoConfiguration
public class R2dbcAutoConfiguration {

	@Bean
	ConnectionFactory connectionFactory() {
		return new ConnectionFactory() {

			@Override
			public Publisher<? extends Connection> create() {
				throw new UnsupportedOperationException();
			}

			@Override
			public ConnectionFactoryMetadata getMetadata() {
				return () -> "none";
			}

		};
	}

}
