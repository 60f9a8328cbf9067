package org.crossprocesslock.sample;

import java.nio.file.Path;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Settings of the application; their values are in {@code application.yaml}.
 *
 * @param tablePrefix what the names of its tables begin with
 * @param orders the order file to import, {@code null} for the bundled one
 * @param renderingTime how long it takes to render an invoice
 */
@ConfigurationProperties("sample")
record SampleProperties(String tablePrefix, @Nullable Path orders, Duration renderingTime) {

}
