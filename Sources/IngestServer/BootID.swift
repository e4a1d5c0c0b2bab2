#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Tells one run of one machine from all others, so that clocks of two processes can be compared.
enum BootID {
    /// Reads the first eight characters of the kernel's random boot id.
    ///
    /// - Returns: Eight hex digits; zeros where the system has no such id.
    static func prefix() -> String {
        let unknown = "00000000"
        guard let file = fopen("/proc/sys/kernel/random/boot_id", "r") else { return unknown }
        defer { fclose(file) }
        var digits = [UInt8](repeating: 0, count: 8)
        guard fread(&digits, 1, digits.count, file) == digits.count else { return unknown }
        return String(decoding: digits, as: UTF8.self)
    }
}
