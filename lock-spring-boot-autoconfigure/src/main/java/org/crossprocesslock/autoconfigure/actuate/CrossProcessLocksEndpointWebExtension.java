package org.crossprocesslock.autoconfigure.actuate;

import java.util.Set;

import org.crossprocesslock.autoconfigure.actuate.CrossProcessLocksEndpoint.StoreList;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Locks;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Release;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * {@link EndpointWebExtension} that knows the caller, and responds with status codes.
 *
 * @since 0.1.0
 */
@EndpointWebExtension(endpoint = CrossProcessLocksEndpoint.class)
public class CrossProcessLocksEndpointWebExtension {

	private static final int FORBIDDEN = 403;

	private static final int CONFLICT = 409;

	private final CrossProcessLocksEndpoint endpoint;

	private final Show showKeys;

	private final Set<String> roles;

	CrossProcessLocksEndpointWebExtension(CrossProcessLocksEndpoint endpoint, Show showKeys, Set<String> roles) {
		this.endpoint = endpoint;
		this.showKeys = showKeys;
		this.roles = roles;
	}

	/**
	 * What this process holds and waits for, with keys if the caller may see them.
	 * @param who who asks
	 * @param limit how many entries each list has at most
	 * @param store what the store is to list
	 * @param after after what that list begins
	 * @return the locks; status 403 for a caller who may not see keys but names one after
	 * which the list is to begin
	 */
	@ReadOperation
	public WebEndpointResponse<Locks> locks(SecurityContext who, @Nullable Integer limit, @Nullable StoreList store,
			@Nullable String after) {
		boolean shown = isShown(who);
		return (CrossProcessLocksEndpoint.asksForKey(store, after) && !shown) ? new WebEndpointResponse<>(FORBIDDEN)
				: new WebEndpointResponse<>(this.endpoint.locks(limit, store, after, shown));
	}

	/**
	 * What is known about one key.
	 * @param who who asks
	 * @param key the key
	 * @return the key; status 403 for a caller who may not see keys
	 */
	@ReadOperation
	public WebEndpointResponse<LockDescriptors.Key> key(SecurityContext who, @Selector String key) {
		return isShown(who) ? new WebEndpointResponse<>(this.endpoint.describe(key))
				: new WebEndpointResponse<>(FORBIDDEN);
	}

	/**
	 * Takes the key from its holder.
	 * @param who who asks
	 * @param key the key
	 * @param token the token under which it is held
	 * @param lockManager the name of the bean, needed where there are several
	 * @return status 204 if that was done, 404 if the key is neither held nor kept, 409
	 * with the present holder if it is held under another token, 503 if the store has not
	 * answered and it is not known whether that was done, 403 for a caller who may not
	 * see keys
	 */
	@DeleteOperation
	public WebEndpointResponse<LockDescriptors.Key> release(SecurityContext who, @Selector String key, long token,
			@Nullable String lockManager) {
		if (!isShown(who)) {
			return new WebEndpointResponse<>(FORBIDDEN);
		}
		Release release = this.endpoint.release(key, token, lockManager, who);
		return switch (release.outcome()) {
			case RELEASED, LEASE_ENDING -> new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
			case NOT_HELD -> new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
			case CONFLICT -> new WebEndpointResponse<>(release.present(), CONFLICT);
			case NOT_KNOWN ->
				new WebEndpointResponse<>(release.present(), WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
		};
	}

	private boolean isShown(SecurityContext who) {
		return this.showKeys.isShown(who, this.roles);
	}

}
