#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A debugger that may stop threads for as long as its user thinks: pauses look like blocks then.
enum Tracer {
    /// Whether one is attached to this process.
    ///
    /// The corresponding field is `TracerPid` in `/proc/self/status`; elsewhere it is not known and counts as no.
    static var isAttached: Bool {
        #if os(Linux)
        guard let file = fopen("/proc/self/status", "re") else { return false }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        var lines: [String] = []
        while fgets(&line, Int32(line.count), file) != nil {
            lines.append(
                line.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 && $0 != 10 }, as: UTF8.self) }
            )
        }
        return isAttached(by: lines)
        #else
        return false
        #endif
    }

    /// Whether the kernel's description of a process names a debugger.
    ///
    /// - Parameter lines: The lines of the process's `status`.
    /// - Returns: Whether it does.
    static func isAttached(by lines: [String]) -> Bool {
        let field = "TracerPid:\t"
        return lines.first { $0.hasPrefix(field) }.map { $0.dropFirst(field.count) != "0" } ?? false
    }
}
