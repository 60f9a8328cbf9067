package org.crossprocesslock.annotation.retry;

/** As that of spring-retry which repeats from call to call. */
public class StatefulRetryInterceptor extends CountingInterceptor {

}
