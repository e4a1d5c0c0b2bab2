/// Addresses in the form in which the toolchain's `Backtrace` is coded.
///
/// An information byte (2: addresses of 64 bits), then for each frame a byte whose high half says what the
/// address is (1: a program counter) and whose low half is the number of bytes less one, then the difference
/// to the address before, most significant byte first. Zero ends the list.
struct BacktraceBytes {
    /// The bytes.
    let bytes: [UInt8]

    /// Writes program counters.
    ///
    /// - Parameter programCounters: The addresses, each inside the instruction that is meant.
    init(programCounters: [UInt64]) {
        var bytes: [UInt8] = [2]
        bytes.reserveCapacity(2 + programCounters.count * 9)
        var last: UInt64 = 0
        for address in programCounters {
            bytes.append(0x17)
            withUnsafeBytes(of: (address &- last).bigEndian) { bytes.append(contentsOf: $0) }
            last = address
        }
        bytes.append(0)
        self.bytes = bytes
    }
}
