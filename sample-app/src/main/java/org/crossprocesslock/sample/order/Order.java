package org.crossprocesslock.sample.order;

import java.math.BigDecimal;
import java.time.LocalDate;

import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Digits;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

/**
 * An order as a customer placed it. Its constraints hold for every way in.
 *
 * @param reference what the shop calls it, unique
 * @param customer who ordered
 * @param orderedOn when
 * @param item what
 * @param quantity how many
 * @param amount the total to pay, in euros
 */
public record Order(@NotBlank @Size(max = 40) String reference, @NotBlank @Size(max = 100) String customer,
		@NotNull LocalDate orderedOn, @NotBlank @Size(max = 100) String item,
		@NotNull @Min(1) @Max(1_000_000) Integer quantity,
		@NotNull @DecimalMin("0.00") @Digits(integer = 10, fraction = 2) BigDecimal amount) {

}
