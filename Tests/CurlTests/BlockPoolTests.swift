import Curl
import Glibc
import Testing

/// The pool of libcurl's large blocks.
struct BlockPoolTests {
    @Test func `a large block is handed out again`() throws {
        let pool = BlockPool(limit: 1 << 20)
        let first = try #require(pool.allocate(100_000))
        pool.release(first)
        #expect(pool.retainedBytes == 131_072)
        let second = try #require(pool.allocate(128 * 1024))
        #expect(second == first, "both take two steps")
        #expect(pool.reusedBlocks == 1 && pool.retainedBytes == 0)
        pool.release(second)
    }

    @Test func `small and huge blocks are not kept`() {
        let pool = BlockPool(limit: 64 << 20)
        for size in [0, 1, 1000, 2 << 20] { pool.release(pool.allocate(size)) }
        pool.release(nil)
        #expect(pool.retainedBytes == 0)
    }

    @Test func `it keeps no more than its limit`() throws {
        let pool = BlockPool(limit: 200_000)
        let blocks = (0..<8).map { _ in pool.allocate(65_536) }
        #expect(blocks.allSatisfy { $0 != nil })
        for block in blocks { pool.release(block) }
        #expect(pool.retainedBytes == 3 * 65_536)
    }

    @Test func `a block that grows keeps what it held, wherever it came from`() throws {
        let pool = BlockPool(limit: 4 << 20)
        for size in [1000, 65_536, 2 << 20] {
            let block = try #require(pool.allocate(size))
            for place in [0, size - 1] { block.storeBytes(of: 7, toByteOffset: place, as: UInt8.self) }
            let larger = try #require(pool.resize(block, to: size + 70_000))
            for place in [0, size - 1] { #expect(larger.load(fromByteOffset: place, as: UInt8.self) == 7) }
            larger.storeBytes(of: 7, toByteOffset: size + 69_999, as: UInt8.self)
            pool.release(larger)
        }
        #expect(pool.retainedBytes == 65_536 + 3 * 65_536, "the middle one, before and after")
        pool.release(pool.resize(nil, to: 100))
    }

    @Test func `a block of the C library at a multiple of the step is given back to it`() throws {
        let pool = BlockPool(limit: 4 << 20)
        pool.release(aligned_alloc(BlockPool.step, BlockPool.step))
        #expect(pool.retainedBytes == 0)
    }

    @Test func `four threads never share a block`() async {
        let pool = BlockPool(limit: 4 << 20)
        let clashes = await withTaskGroup(of: Int.self) { group in
            for thread in 1...4 {
                group.addTask {
                    var clashes = 0
                    for turn in 0..<2000 {
                        guard let block = pool.allocate(65_536 * (1 + turn % 3)) else { return -1 }
                        block.storeBytes(of: thread, toByteOffset: 32_768, as: Int.self)
                        if turn % 7 == 0 { await Task.yield() }
                        if block.load(fromByteOffset: 32_768, as: Int.self) != thread { clashes += 1 }
                        pool.release(block)
                    }
                    return clashes
                }
            }
            return await group.reduce(0, +)
        }
        #expect(clashes == 0)
        #expect(pool.reusedBlocks > 0)
    }
}
