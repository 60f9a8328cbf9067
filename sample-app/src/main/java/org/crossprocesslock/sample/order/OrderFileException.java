package org.crossprocesslock.sample.order;

import org.jspecify.annotations.Nullable;

/** An order file that cannot be used. The message names the file and the line. */
public final class OrderFileException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	OrderFileException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
