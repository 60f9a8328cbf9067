package org.crossprocesslock.sample.order;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.ValidatorFactory;
import org.apache.commons.csv.CSVRecord;
import org.hibernate.validator.HibernateValidator;

/** Turns the lines of one order file into orders and says what is wrong with them. */
final class OrderLines {

	private static final List<String> COLUMNS = List.of("reference", "customer", "ordered_on", "item", "quantity",
			"amount");

	private final Validator validator;

	private final Map<String, Long> linesByReference = new HashMap<>();

	OrderLines() {
		// in the language of all other messages, which is not that of the machine
		try (ValidatorFactory factory = Validation.byProvider(HibernateValidator.class)
			.configure()
			.defaultLocale(Locale.ROOT)
			.buildValidatorFactory()) {
			this.validator = factory.getValidator();
		}
	}

	void checkHeader(CSVRecord header) {
		if (!header.toList().equals(COLUMNS)) {
			throw new MalformedLineException("the header is '" + String.join(",", header.toList()) + "' instead of '"
					+ String.join(",", COLUMNS) + "'");
		}
	}

	Order toOrder(CSVRecord line, long lineNumber) {
		if (line.size() != COLUMNS.size()) {
			throw new MalformedLineException(
					line.size() + " values instead of " + COLUMNS.size() + ": " + String.join(",", line.toList()));
		}
		Order order = new Order(line.get(0), line.get(1), date("ordered_on", line.get(2)), line.get(3),
				integer("quantity", line.get(4)), number("amount", line.get(5)));
		this.validator.validate(order).stream().map(OrderLines::describe).sorted().findFirst().ifPresent((problem) -> {
			throw new MalformedLineException(problem);
		});
		Long earlier = this.linesByReference.putIfAbsent(order.reference(), lineNumber);
		if (earlier != null) {
			throw new MalformedLineException(
					"reference '" + order.reference() + "' was used before, on line " + earlier);
		}
		return order;
	}

	private static String describe(ConstraintViolation<Order> violation) {
		return violation.getPropertyPath() + " '" + violation.getInvalidValue() + "' " + violation.getMessage();
	}

	private static LocalDate date(String column, String value) {
		try {
			return LocalDate.parse(value);
		}
		catch (DateTimeParseException ex) {
			throw new MalformedLineException(column + " '" + value + "' is not a date like 2026-01-31");
		}
	}

	private static int integer(String column, String value) {
		try {
			return Integer.parseInt(value);
		}
		catch (NumberFormatException ex) {
			throw new MalformedLineException(column + " '" + value + "' is not a whole number");
		}
	}

	private static BigDecimal number(String column, String value) {
		try {
			return new BigDecimal(value);
		}
		catch (NumberFormatException ex) {
			throw new MalformedLineException(column + " '" + value + "' is not a number");
		}
	}

	/** What is wrong with the line at hand. */
	static final class MalformedLineException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		MalformedLineException(String message) {
			super(message);
		}

	}

}
