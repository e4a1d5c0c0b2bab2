import CCurl
import Glibc
import Synchronization

/// Keeps large blocks that libcurl frees, to hand them out again.
///
/// libcurl frees its upload buffer after every transfer. The C library returns a block of that size to the
/// kernel, and the page faults of the next one then cost more than sending the body. A free block's first
/// word links to the next, so the pool itself allocates nothing.
package final class BlockPool: Sendable {
    /// Blocks are pooled by size in steps of this many bytes; smaller ones are left to the C library.
    package static let step = 64 * 1024
    /// Larger blocks than this many steps are left to the C library.
    private static let classes = 16

    private struct State: @unchecked Sendable {
        /// The first free block of each size, guarded by the mutex around this value.
        var free = [UnsafeMutableRawPointer?](repeating: nil, count: BlockPool.classes + 1)
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
            for first in state.free {
                var next = first
                while let block = next {
                    next = block.load(as: UnsafeMutableRawPointer?.self)
                    free(block)
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
    /// - Returns: A block that `free` and ``release(_:)`` both accept.
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
        return pooled ?? aligned_alloc(Self.step, steps &* Self.step)
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
        let size = malloc_usable_size(block)
        let steps = size / Self.step
        guard steps >= 1, steps <= Self.classes else { return free(block) }
        let kept = state.withLock { state in
            guard state.retained &+ steps &* Self.step <= limit else { return false }
            block.storeBytes(of: state.free[steps], as: UnsafeMutableRawPointer?.self)
            state.free[steps] = block
            state.retained &+= steps &* Self.step
            return true
        }
        if !kept { free(block) }
    }
}
