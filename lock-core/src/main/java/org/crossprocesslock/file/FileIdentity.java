package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Which file a path leads to, however it leads there: device and inode, or where there is
 * none the real path.
 *
 * @param text the same for all paths to one file
 * @param device the device number, {@code -1} if not known
 * @param inode the inode number, {@code -1} if not known
 * @param fileKey the two as the platform compares them, {@code null} if not known
 */
record FileIdentity(String text, long device, long inode, @Nullable Object fileKey) {

	/** Follows links. */
	static FileIdentity of(Path path) throws IOException {
		if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
			Map<String, Object> unix = Files.readAttributes(path, "unix:dev,ino,fileKey");
			if (unix.get("dev") instanceof Number device && unix.get("ino") instanceof Number inode) {
				return new FileIdentity(device + ":" + inode, device.longValue(), inode.longValue(),
						unix.get("fileKey"));
			}
		}
		return new FileIdentity(path.toRealPath().toString(), -1, -1, null);
	}

	/** Whether the path can be seen to lead to this file. */
	boolean isOf(Path path) {
		try {
			return leadsHere(path);
		}
		catch (IOException ex) {
			return false;
		}
	}

	/** Whether the path leads to this file and not to another one or nowhere. */
	boolean leadsHere(Path path) throws IOException {
		try {
			return (this.fileKey != null)
					? this.fileKey.equals(Files.readAttributes(path, BasicFileAttributes.class).fileKey())
					: equals(of(path));
		}
		catch (NoSuchFileException ex) {
			return false;
		}
	}

	/** As the kernel writes it, {@code major:minor:inode}. */
	String inKernelNotation() {
		long major = ((this.device >>> 8) & 0xfff) | ((this.device >>> 32) & 0xfffff000L);
		long minor = (this.device & 0xff) | ((this.device >>> 12) & 0xffffff00L);
		return String.format(Locale.ROOT, "%02x:%02x:%d", major, minor, this.inode);
	}

}
