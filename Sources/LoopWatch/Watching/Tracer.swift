#if canImport(Glibc)
import Glibc
#endif

/// A debugger that may stop threads for as long as its user thinks: pauses look like blocks then.
enum Tracer {
    /// Whether one is attached to this process.
    ///
    /// The corresponding field is `TracerPid` in `/proc/self/status`; elsewhere it is not known and counts as no.
    static var isAttached: Bool {
        #if canImport(Glibc)
        guard let file = fopen("/proc/self/status", "re") else { return false }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        let field = "TracerPid:\t"
        while fgets(&line, Int32(line.count), file) != nil {
            let text = line.withUnsafeBytes {
                String(decoding: $0.prefix { $0 != 0 && $0 != 10 }, as: UTF8.self)
            }
            if text.hasPrefix(field) { return text.dropFirst(field.count) != "0" }
        }
        #endif
        return false
    }
}
