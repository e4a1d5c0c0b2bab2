import Testing
import Zlib

struct ZlibTests {
    static let texts: [[UInt8]] = [
        [], [0], Array("the same, the same, the same".utf8), Array(repeating: 7, count: 1_000_000),
        (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) },
    ]

    @Test(arguments: texts, [DeflateStream.Format.zlib, .gzip])
    func `what is packed unpacks to the same bytes`(_ bytes: [UInt8], _ format: DeflateStream.Format) throws {
        let packed = try DeflateStream.packed(bytes, format: format, level: 1)
        #expect(try Inflate.unpacked(packed, limit: bytes.count) == bytes)
    }

    @Test(arguments: texts)
    func `bytes packed piece by piece are the bytes packed at once`(_ bytes: [UInt8]) throws {
        let stream = try DeflateStream(format: .gzip, level: 1)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 9973) {
            stream.write(Array(bytes[start..<min(bytes.count, start + 9973)]), to: &output)
        }
        stream.finish(to: &output)
        #expect(try Inflate.unpacked(output, limit: bytes.count) == bytes)
    }

    @Test func `gzip carries neither name nor time`() throws {
        let packed = try DeflateStream.packed(Array("text".utf8), format: .gzip, level: 1)
        #expect(packed.prefix(8) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
    }

    @Test func `every cut of a packed text is an error`() throws {
        let packed = try DeflateStream.packed(
            Array("some text, some more text".utf8),
            format: .zlib,
            level: 6
        )
        for end in packed.indices {
            #expect(throws: ZlibError.damaged(reason: "it ends early")) {
                try Inflate.unpacked(Array(packed[..<end]), limit: 1000)
            }
        }
    }

    @Test func `a changed byte is an error in zlib's words`() throws {
        var packed = try DeflateStream.packed(Array("some text".utf8), format: .zlib, level: 6)
        packed[packed.count - 1] ^= 1
        #expect(throws: ZlibError.damaged(reason: "incorrect data check")) {
            try Inflate.unpacked(packed, limit: 1000)
        }
    }

    @Test func `more than the limit is an error`() throws {
        let packed = try DeflateStream.packed(Array(repeating: 0, count: 1_000_000), format: .zlib, level: 9)
        #expect(throws: ZlibError.tooLarge(limit: 1000)) { try Inflate.unpacked(packed, limit: 1000) }
    }
}
