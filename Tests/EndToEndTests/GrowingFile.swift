import Foundation
import Glibc

/// Waits for a file to grow, woken by the kernel whenever its folder changes.
enum GrowingFile {
    /// Waits until a file is at least so large.
    ///
    /// The corresponding C functions are `inotify_init1` and `inotify_add_watch`.
    ///
    /// - Parameters:
    ///   - file: The file; neither it nor its folder need exist yet, but the folder around that.
    ///   - bytes: The size.
    /// - Returns: Whether it came to that within a minute.
    static func reaches(_ file: URL, bytes: Int) async -> Bool {
        await withCheckedContinuation { continuation in
            // The kernel's calls block: not a thread of the concurrency pool.
            DispatchQueue.global().async {
                continuation.resume(returning: waitUntil(file, hasBytes: bytes))
            }
        }
    }

    private static func waitUntil(_ file: URL, hasBytes bytes: Int) -> Bool {
        let watch = inotify_init1(Int32(IN_CLOEXEC))
        guard watch >= 0 else { return false }
        defer { close(watch) }
        let folder = file.deletingLastPathComponent()
        let events = UInt32(IN_CREATE | IN_MODIFY)
        inotify_add_watch(watch, folder.deletingLastPathComponent().path(), events)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            // Once the folder is there; adding it again changes nothing.
            inotify_add_watch(watch, folder.path(), events)
            var status = stat()
            if stat(file.path(), &status) == 0, Int(status.st_size) >= bytes { return true }
            var ready = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 60_000) > 0, read(watch, &buffer, buffer.count) > 0 else { return false }
        }
    }
}
