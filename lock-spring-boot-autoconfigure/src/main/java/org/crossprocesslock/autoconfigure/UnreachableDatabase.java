package org.crossprocesslock.autoconfigure;

import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeansException;
import org.springframework.beans.PropertyAccessorFactory;

/**
 * Explains that the database of the locks could not be asked anything at start, without
 * telling a password.
 */
final class UnreachableDatabase {

	private static final List<String> URLS = List.of("jdbcUrl", "url", "URL");

	private static final Pattern URL = Pattern.compile("jdbc:\\S+");

	/** What can come before the credentials, they, the place, and settings. */
	private static final Pattern PARTS = Pattern.compile("(jdbc:(?:[a-z0-9+]+:)*(?://)?)([^?;]*@)?([^@?;]*)([?;].*)?",
			Pattern.DOTALL);

	/** Among the names of hosts, where MySQL takes it. */
	private static final Pattern PASSWORD = Pattern.compile("passw|pwd", Pattern.CASE_INSENSITIVE);

	private static final String REST = "...";

	private UnreachableDatabase() {
	}

	static RefusedStartException explain(String name, DataSource dataSource, LockStoreException failure) {
		String url = url(dataSource);
		return new RefusedStartException(
				"The database that is to keep the cross-process locks could not be asked: "
						+ withoutSecrets(reason(failure), url) + ". It is the one of DataSource [" + name + "], "
						+ ((url != null) ? withoutSecrets(url, url) : "which does not reveal its URL") + ".",
				action(failure), failure);
	}

	private static String action(LockStoreException failure) {
		String choice = " Locks that need no database are chosen with cross-process-lock.backend.";
		if (!failure.isPermanent()) {
			return "Check that the database is running and can be reached from here, that the URL is right, and that "
					+ "there is a free connection. Then start again." + choice;
		}
		return "Check the user, the password and the name of the database. Then start again." + choice;
	}

	private static String reason(LockStoreException failure) {
		Throwable reason = failure;
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException) {
				reason = cause;
			}
		}
		String message = String.valueOf(reason.getMessage()).strip();
		return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
	}

	/** Asks by the names that pools and drivers give it. */
	private static @Nullable String url(DataSource dataSource) {
		BeanWrapper properties = PropertyAccessorFactory.forBeanPropertyAccess(dataSource);
		for (String name : URLS) {
			if (value(properties, name) instanceof String url && !url.isBlank()) {
				return url;
			}
		}
		return (value(properties, "targetDataSource") instanceof DataSource target) ? url(target) : null;
	}

	private static @Nullable Object value(BeanWrapper properties, String name) {
		try {
			return properties.isReadableProperty(name) ? properties.getPropertyValue(name) : null;
		}
		catch (BeansException ex) {
			// the next name may be the right one
			return null;
		}
	}

	/** A URL that is known ends where it does, others with their first blank. */
	static String withoutSecrets(String text, @Nullable String known) {
		return withoutSecrets((known != null) ? text.replace(known, shown(known)) : text);
	}

	static String withoutSecrets(String text) {
		return URL.matcher(text).replaceAll((url) -> Matcher.quoteReplacement(shown(url.group())));
	}

	private static String shown(String url) {
		Matcher parts = PARTS.matcher(url);
		if (!parts.matches()) {
			return REST;
		}
		String place = parts.group(3);
		String settings = parts.group(4);
		// one that is followed by a host may be in a password
		boolean clear = (settings == null || settings.indexOf('@') < 0) && !PASSWORD.matcher(place).find();
		return parts.group(1) + (clear ? place : REST);
	}

}
