import NIOCore
import Testing

import S3Lite

@Suite struct MemoryBodiesTests {
    @Test func `equal bodies take the room of one, until the last is removed`() throws {
        let bodies = MemoryBodies(limit: 12)
        var names: [String] = []
        for _ in 1...3 {
            try bodies.reserve(6)
            names.append(bodies.add(ByteBuffer(string: "abcdef"), md5: [1]))
            #expect(throws: (any Error).self) { try bodies.reserve(7) }
        }
        bodies.remove([names[0], names[1]])
        #expect(bodies.bytes(names[1]) == nil)
        #expect(bodies.bytes(names[2]) == ByteBuffer(string: "abcdef"))
        #expect(throws: (any Error).self) { try bodies.reserve(7) }
        bodies.remove([names[2]])
        try bodies.reserve(12)
    }

    @Test func `bodies with the same digest but other bytes stay apart`() throws {
        let bodies = MemoryBodies(limit: 10)
        try bodies.reserve(4)
        let first = bodies.add(ByteBuffer(string: "ab"), md5: [1])
        let second = bodies.add(ByteBuffer(string: "cd"), md5: [1])
        #expect(bodies.bytes(first) == ByteBuffer(string: "ab"))
        #expect(bodies.bytes(second) == ByteBuffer(string: "cd"))
        bodies.remove([first])
        #expect(bodies.bytes(second) == ByteBuffer(string: "cd"))
    }
}
