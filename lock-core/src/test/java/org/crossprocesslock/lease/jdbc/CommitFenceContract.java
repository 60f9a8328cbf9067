package org.crossprocesslock.lease.jdbc;

import java.util.Objects;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** What the fence does on every database. */
@Timeout(120)
abstract class CommitFenceContract implements FencedIsolationContract, FenceRefusalContract, FencedConnectionContract,
		FencedGuardsContract, FencedSharingContract, FenceInCommitContract {

	private @Nullable FenceScene scene;

	/** An unpooled DataSource of the database of this class. */
	abstract DataSource database();

	@BeforeEach
	final void setScene() {
		this.scene = new FenceScene(database());
	}

	@AfterEach
	final void closeScene() {
		scene().close();
	}

	@Override
	public final FenceScene scene() {
		return Objects.requireNonNull(this.scene);
	}

}
