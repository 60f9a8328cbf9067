package org.crossprocesslock.annotation;

import javax.lang.model.element.Modifier;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.generate.GeneratedClass;
import org.springframework.aot.generate.GeneratedMethod;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotContribution;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Has an application that was processed ahead of time remember its {@link EarlyBeans}
 * too, although no registrar runs there: from before its first bean.
 */
final class EarlyBeansAotProcessor implements BeanFactoryInitializationAotProcessor {

	@Override
	public @Nullable BeanFactoryInitializationAotContribution processAheadOfTime(
			ConfigurableListableBeanFactory beanFactory) {
		if (beanFactory.getBeanNamesForType(LockedBeanPostProcessor.class, true, false).length == 0) {
			return null;
		}
		return (generation, code) -> {
			GeneratedClass generated = generation.getGeneratedClasses()
				.getOrAddForFeatureComponent("Watch", EarlyBeans.class,
						(type) -> type.addModifiers(Modifier.PUBLIC, Modifier.FINAL));
			GeneratedMethod watch = generated.getMethods()
				.add("begin",
						(method) -> method.addModifiers(Modifier.PUBLIC, Modifier.STATIC)
							.addParameter(ConfigurableListableBeanFactory.class, "beanFactory")
							.addStatement("$T.watch(beanFactory)", EarlyBeans.class));
			code.addInitializer(watch.toMethodReference());
		};
	}

}
