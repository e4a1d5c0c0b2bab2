import Foundation

/// Bytes with no memory right behind them: reading one too many ends the process.
final class GuardedBytes {
    private let pages: UnsafeMutableRawPointer
    private let size: Int
    private let count: Int

    /// Where they begin.
    var start: UnsafePointer<UInt8> {
        UnsafePointer((pages + (size - count)).assumingMemoryBound(to: UInt8.self))
    }

    /// Copies bytes to the end of a page.
    ///
    /// - Parameter bytes: The bytes.
    init(_ bytes: [UInt8]) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        count = bytes.count
        size = (count / page + 1) * page
        let mapped = mmap(nil, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED, mprotect(mapped + size, page, PROT_NONE) == 0 else {
            preconditionFailure("the test needs two pages")
        }
        pages = mapped
        fill(bytes)
    }

    deinit { munmap(pages, size + Int(sysconf(Int32(_SC_PAGESIZE)))) }

    /// Replaces the bytes.
    ///
    /// - Parameter bytes: As many as there are.
    func fill(_ bytes: [UInt8]) {
        precondition(bytes.count == count)
        UnsafeMutableRawPointer(mutating: start).copyMemory(from: bytes, byteCount: count)
    }
}

/// The same random numbers in every run: SplitMix64 of Steele, Lea and Flood, 2014.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Begins a sequence.
    ///
    /// - Parameter seed: Which one.
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
