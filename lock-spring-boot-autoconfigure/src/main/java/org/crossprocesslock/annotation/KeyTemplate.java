package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
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
import org.springframework.util.StringUtils;

/**
 * A key with expressions in it, parsed once.
 */
final class KeyTemplate {

	private static final SpelExpressionParser parser = new SpelExpressionParser();

	private static final ParameterNameDiscoverer parameterNames = new DefaultParameterNameDiscoverer();

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
			parts.forEach((part) -> checkVariables(part, method));
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
	 * Evaluates the key for one call.
	 * @throws IllegalArgumentException if an expression fails or has no value
	 */
	String evaluate(Root root) {
		MethodBasedEvaluationContext context = new MethodBasedEvaluationContext(root, this.method,
				root.args().toArray(), parameterNames);
		context.setBeanResolver(this.beans);
		if (this.callsFunction) {
			context.registerFunction(KeyFunction.NAME, KeyFunction.HANDLE);
		}
		StringBuilder key = new StringBuilder();
		for (Expression part : this.parts) {
			key.append((part instanceof LiteralExpression) ? part.getExpressionString() : evaluate(part, context));
		}
		return key.toString();
	}

	private static String evaluate(Expression part, MethodBasedEvaluationContext context) {
		String value;
		try {
			value = part.getValue(context, String.class);
		}
		catch (RuntimeException ex) {
			// what a method called by the expression throws comes through as it is
			throw new IllegalArgumentException(
					"expression '" + part.getExpressionString() + "' in the key failed: " + ex.getMessage(), ex);
		}
		if (!StringUtils.hasLength(value)) {
			throw new IllegalArgumentException("expression '" + part.getExpressionString() + "' in the key answered "
					+ ((value != null) ? "nothing" : "null"));
		}
		return value;
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
		for (int i = 0; i < method.getParameterCount(); i++) {
			if (variable.equals("p" + i) || variable.equals("a" + i)) {
				return true;
			}
		}
		@Nullable String[] names = parameterNames.getParameterNames(method);
		return variable.equals("root") || variable.equals("this")
				|| (names != null && List.of(names).contains(variable));
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
