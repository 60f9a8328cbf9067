package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.KotlinDetector;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.core.convert.TypeDescriptor;
import org.springframework.expression.BeanResolver;
import org.springframework.expression.Expression;
import org.springframework.expression.ParseException;
import org.springframework.expression.common.CompositeStringExpression;
import org.springframework.expression.common.LiteralExpression;
import org.springframework.expression.common.TemplateParserContext;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.FunctionReference;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.util.ObjectUtils;
import org.springframework.util.StringUtils;

/**
 * A key with expressions in it, parsed once.
 */
final class KeyTemplate {

	private static final SpelExpressionParser parser = new SpelExpressionParser();

	private static final ParameterNameDiscoverer parameterNames = new DefaultParameterNameDiscoverer();

	private static final TypeDescriptor TEXT = TypeDescriptor.valueOf(String.class);

	private final String text;

	private final Method method;

	private final BeanResolver beans;

	private final List<Expression> parts;

	private final boolean callsFunction;

	private KeyTemplate(String text, Method method, BeanResolver beans, List<Expression> parts) {
		this.text = text;
		this.method = method;
		this.beans = beans;
		this.parts = parts;
		this.callsFunction = parts.stream()
			.anyMatch((part) -> part instanceof SpelExpression expression && callsFunction(expression.getAST()));
	}

	/**
	 * Parses a template and checks that it refers to nothing the method does not have.
	 * @throws IllegalArgumentException if it cannot be parsed or names an unknown
	 * argument
	 */
	static KeyTemplate parse(String template, Method method, BeanResolver beans) {
		try {
			Expression expression = parser.parseExpression(template, new TemplateParserContext());
			List<Expression> parts = (expression instanceof CompositeStringExpression composite)
					? List.of(composite.getExpressions()) : List.of(expression);
			for (Expression part : parts) {
				checkVariables(part, method);
			}
			return new KeyTemplate(template, method, beans, parts);
		}
		catch (ParseException ex) {
			throw new IllegalArgumentException("the key '" + template + "' cannot be parsed: " + ex.getMessage(), ex);
		}
	}

	boolean isFixed() {
		return this.parts.stream().allMatch(LiteralExpression.class::isInstance);
	}

	/**
	 * Evaluates the keys of one call.
	 * @param target the object it is called on
	 * @param targetClass the class of that object
	 * @param args one for each parameter
	 * @return one key, or one for each value of an expression that answers several
	 * @throws IllegalArgumentException if an expression fails or has no value
	 */
	List<String> evaluate(@Nullable Object target, Class<?> targetClass, @Nullable Object[] args) {
		Root root = new Root(this.method, target, targetClass,
				Arrays.asList(args).subList(0, argumentCount(this.method)));
		MethodBasedEvaluationContext context = new MethodBasedEvaluationContext(root, this.method, args,
				parameterNames);
		context.setBeanResolver(this.beans);
		if (this.callsFunction) {
			context.registerFunction(KeyFunction.NAME, KeyFunction.HANDLE);
		}
		List<String> several = List.of();
		String before = "";
		StringBuilder key = new StringBuilder();
		for (Expression part : this.parts) {
			if (part instanceof LiteralExpression) {
				key.append(part.getExpressionString());
				continue;
			}
			Object value = value(part, context);
			if (!isSeveral(value)) {
				key.append(text(value, part, context));
			}
			else if (several.isEmpty()) {
				several = texts(value, part, context);
				before = key.toString();
				key.setLength(0);
			}
			else {
				throw new IllegalArgumentException("expression '" + part.getExpressionString()
						+ "' in the key is the second that returns several values; let one expression return all");
			}
		}
		if (several.isEmpty()) {
			return List.of(key.toString());
		}
		List<String> keys = new ArrayList<>();
		for (String value : several) {
			keys.add(before + value + key);
		}
		return keys;
	}

	private static @Nullable Object value(Expression part, MethodBasedEvaluationContext context) {
		try {
			return part.getValue(context);
		}
		catch (RuntimeException ex) {
			// what a method called by the expression throws comes through as it is
			throw failed(part, ex);
		}
	}

	private static boolean isSeveral(@Nullable Object value) {
		return value instanceof Collection || ObjectUtils.isArray(value);
	}

	private static List<String> texts(@Nullable Object several, Expression part, MethodBasedEvaluationContext context) {
		Object[] values = (several instanceof Collection<?> collection) ? collection.toArray()
				: ObjectUtils.toObjectArray(several);
		if (values.length == 0) {
			throw new IllegalArgumentException("expression '" + part.getExpressionString()
					+ "' in the key returned an empty collection, so that there is nothing to lock");
		}
		List<String> texts = new ArrayList<>();
		for (Object value : values) {
			texts.add(text(value, part, context));
		}
		return texts;
	}

	private static String text(@Nullable Object value, Expression part, MethodBasedEvaluationContext context) {
		String text;
		try {
			text = (value instanceof String string) ? string
					: (String) context.getTypeConverter().convertValue(value, TypeDescriptor.forObject(value), TEXT);
		}
		catch (RuntimeException ex) {
			throw failed(part, ex);
		}
		if (!StringUtils.hasLength(text)) {
			throw new IllegalArgumentException("expression '" + part.getExpressionString() + "' in the key returned "
					+ ((text != null) ? "nothing" : "null"));
		}
		return text;
	}

	private static IllegalArgumentException failed(Expression part, RuntimeException cause) {
		return new IllegalArgumentException(
				"expression '" + part.getExpressionString() + "' in the key failed: " + cause.getMessage(), cause);
	}

	private static void checkVariables(Expression part, Method method) {
		if (part instanceof SpelExpression expression) {
			checkVariables(expression.getAST(), expression.getExpressionString(), method);
		}
	}

	private static boolean callsFunction(SpelNode node) {
		return isFunction(node)
				|| IntStream.range(0, node.getChildCount()).anyMatch((i) -> callsFunction(node.getChild(i)));
	}

	private static boolean isFunction(SpelNode node) {
		return node instanceof FunctionReference && node.toStringAST().startsWith("#" + KeyFunction.NAME + "(");
	}

	private static void checkVariables(SpelNode node, String expression, Method method) {
		if (isFunction(node) && isKnown(KeyFunction.NAME, method)) {
			throw new IllegalArgumentException("expression '" + expression + "' in the key calls #" + KeyFunction.NAME
					+ "(), which an argument of the same name hides; give the argument another name");
		}
		if (node instanceof FunctionReference && !isFunction(node)) {
			throw new IllegalArgumentException("expression '" + expression + "' in the key calls '" + node.toStringAST()
					+ "', but there is no function besides #" + KeyFunction.NAME + "()");
		}
		if (node instanceof VariableReference && !isKnown(node.toStringAST().substring(1), method)) {
			throw new IllegalArgumentException(
					"expression '" + expression + "' in the key refers to '" + node.toStringAST()
							+ "', which is no argument of the method (is the class compiled with " + "-parameters?)");
		}
		for (int i = 0; i < node.getChildCount(); i++) {
			checkVariables(node.getChild(i), expression, method);
		}
	}

	private static boolean isKnown(String variable, Method method) {
		for (int i = 0; i < argumentCount(method); i++) {
			if (variable.equals("p" + i) || variable.equals("a" + i)) {
				return true;
			}
		}
		@Nullable String[] names = parameterNames.getParameterNames(method);
		return variable.equals("root") || variable.equals("this")
				|| (names != null && List.of(names).contains(variable));
	}

	// the last parameter of a suspend function is Kotlin's
	private static int argumentCount(Method method) {
		return method.getParameterCount() - (KotlinDetector.isSuspendingFunction(method) ? 1 : 0);
	}

	/** The template as it was written, for messages. */
	@Override
	public String toString() {
		return this.text;
	}

	/**
	 * What {@code #root} is in an expression.
	 *
	 * @param method the method that is called
	 * @param target the object it is called on
	 * @param targetClass the class of that object
	 * @param args the arguments
	 */
	record Root(Method method, @Nullable Object target, Class<?> targetClass, List<@Nullable Object> args) {

	}

}
