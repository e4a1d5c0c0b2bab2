import CCurl
import Glibc
import Synchronization

/// Keeps large blocks that libcurl frees, to hand them out again.
///
/// libcurl frees its upload buffer after every transfer. The C library returns a block of that size to the
/// kernel, and the page faults of the next one then cost more than sending the body. A free block's first word
/// links to the next. Blocks come from the kernel, not from the C library, whose header before an aligned block
/// takes a page of its own: 40 MB of ten thousand blocks.
package final class BlockPool: Sendable {
    /// Blocks are pooled by size in steps of this many bytes; smaller ones are left to the C library.
    package static let step = 64 * 1024
    /// Larger blocks than this many steps are left to the C library.
    private static let classes = 16

    private struct State: @unchecked Sendable {
        /// The first free block of each size, guarded by the mutex around this value.
        var free = [UnsafeMutableRawPointer?](repeating: nil, count: BlockPool.classes + 1)
        /// The steps of each block there is, free or not, by its address.
        var steps: [UInt: Int] = [:]
        var retained = 0
        var reused = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// Makes an empty pool.
    ///
    /// - Parameter limit: The most bytes of free blocks it keeps.
    package init(limit: Int) {
        self.limit = limit
    }

    deinit {
        state.withLock { state in
            for (steps, first) in state.free.enumerated() {
                var next = first
                while let block = next {
                    next = block.load(as: UnsafeMutableRawPointer?.self)
                    munmap(block, steps &* Self.step)
                }
            }
        }
    }

    /// Bytes in free blocks.
    package var retainedBytes: Int { state.withLock(\.retained) }

    /// How many times a block was handed out again.
    package var reusedBlocks: Int { state.withLock(\.reused) }

    /// A block of at least `size` bytes, or nil when memory has run out.
    ///
    /// - Parameter size: Bytes wanted.
    /// - Returns: A block that ``release(_:)`` takes back.
    package func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size >= Self.step, size <= Self.classes &* Self.step else { return malloc(size) }
        let steps = (size &+ Self.step &- 1) / Self.step
        let pooled = state.withLock { state -> UnsafeMutableRawPointer? in
            guard let block = state.free[steps] else { return nil }
            state.free[steps] = block.load(as: UnsafeMutableRawPointer?.self)
            state.retained &-= steps &* Self.step
            state.reused &+= 1
            return block
        }
        if let pooled { return pooled }
        guard let block = Self.map(steps &* Self.step) else { return nil }
        state.withLock { $0.steps[UInt(bitPattern: block)] = steps }
        return block
    }

    /// Changes the size of a block, which may move.
    ///
    /// The corresponding C function is `realloc`.
    ///
    /// - Parameters:
    ///   - block: A block from ``allocate(_:)`` or from the C library, or nil.
    ///   - size: Bytes wanted.
    /// - Returns: The block with what it held; nil when memory has run out, and then the old one stays.
    package func resize(_ block: UnsafeMutableRawPointer?, to size: Int) -> UnsafeMutableRawPointer? {
        guard let block, Self.mayHavePooled(block), let held = heldBytes(of: block) else {
            return realloc(block, size)
        }
        guard size > held else { return block }
        guard let larger = allocate(size) else { return nil }
        larger.copyMemory(from: block, byteCount: held)
        release(block)
        return larger
    }

    /// The size of a pooled block; nil for any other.
    private func heldBytes(of block: UnsafeMutableRawPointer) -> Int? {
        state.withLock { $0.steps[UInt(bitPattern: block)] }.map { $0 &* Self.step }
    }

    /// Asks the kernel for memory that begins at a multiple of ``step``.
    ///
    /// The corresponding C function is `mmap`.
    private static func map(_ length: Int) -> UnsafeMutableRawPointer? {
        // With one step more an aligned block lies within; what stands out on either side is given back.
        let whole = length &+ step
        let mapped = mmap(nil, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | Int32(MAP_ANONYMOUS), -1, 0)
        guard let start = mapped, UInt(bitPattern: start) != UInt.max else { return nil }
        let before = (step &- Int(bitPattern: start) & (step &- 1)) & (step &- 1)
        if before > 0 { munmap(start, before) }
        munmap(start + before + length, whole &- before &- length)
        return start + before
    }

    /// Whether a block can be a pooled one, told by its address alone.
    ///
    /// Pooled blocks begin at a multiple of ``step``. Looking at a block's size instead would touch memory
    /// for each of the many small ones.
    ///
    /// - Parameter block: The block.
    /// - Returns: False if it is none for sure.
    @inline(__always)
    static func mayHavePooled(_ block: UnsafeMutableRawPointer) -> Bool {
        UInt(bitPattern: block) & UInt(step - 1) == 0
    }

    /// Takes a block back.
    ///
    /// - Parameter block: A block from ``allocate(_:)`` or from the C library, or nil.
    package func release(_ block: UnsafeMutableRawPointer?) {
        guard let block else { return }
        guard Self.mayHavePooled(block) else { return free(block) }
        enum Fate {
            case kept, foreign
            case surplus(bytes: Int)
        }
        let fate = state.withLock { state -> Fate in
            guard let steps = state.steps[UInt(bitPattern: block)] else { return .foreign }
            guard state.retained &+ steps &* Self.step <= limit else {
                state.steps[UInt(bitPattern: block)] = nil
                return .surplus(bytes: steps &* Self.step)
            }
            block.storeBytes(of: state.free[steps], as: UnsafeMutableRawPointer?.self)
            state.free[steps] = block
            state.retained &+= steps &* Self.step
            return .kept
        }
        switch fate {
        case .kept: break
        case .foreign: free(block)
        case .surplus(let bytes): munmap(block, bytes)
        }
    }
}
