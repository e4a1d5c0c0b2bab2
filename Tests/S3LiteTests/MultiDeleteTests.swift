import S3Lite
import S3Wire
import Testing

struct MultiDeleteTests {
    private typealias Request = SignedRequests.Request

    private static func document(_ keys: [String], quiet: Bool = false) -> [UInt8] {
        var xml = XMLWriter()
        xml.root("Delete") { xml in
            if quiet { xml.text("Quiet", "true") }
            for key in keys { xml.element("Object") { $0.text("Key", key) } }
        }
        return xml.bytes
    }

    @Test(arguments: [(false, 3), (true, 0)])
    func `each key is answered on its own, unless quiet`(quiet: Bool, answers: Int) async throws {
        try await TestStorage.memory.withStore { store in
            for key in ["a", "b", "c"] {
                _ = try await store.send(Request(method: "PUT", target: "/bucket/\(key)", body: [1]))
            }
            let answer = try await store.send(
                Request(
                    method: "POST",
                    target: "/bucket?delete",
                    body: Self.document(["a", "b", "missing"], quiet: quiet)
                )
            )
            #expect(try XMLElement(parsing: answer.body).children("Deleted").count == answers)
            let list = try await store.send(Request(target: "/bucket?list-type=2"))
            #expect(
                try XMLElement(parsing: list.body).children("Contents").map { $0.childText("Key") } == ["c"]
            )
        }
    }

    @Test(arguments: [0, 1001]) func `none or more than a thousand keys are refused`(count: Int) async throws
    {
        try await TestStorage.memory.withStore { store in
            let body = Self.document((0..<count).map { "k\($0)" })
            let answer = try await store.send(Request(method: "POST", target: "/bucket?delete", body: body))
            #expect(answer.code == .malformedXML)
        }
    }

    @Test func `a document that is too long is refused`() async throws {
        try await TestStorage.memory.withStore { store in
            let body = [UInt8](repeating: UInt8(ascii: " "), count: 2 << 20 + 1)
            let answer = try await store.send(Request(method: "POST", target: "/bucket?delete", body: body))
            #expect(answer.code == .maxMessageLengthExceeded)
        }
    }

    @Test func `an unsigned list without a checksum is refused`() async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.send(
                Request(
                    method: "POST",
                    target: "/bucket?delete",
                    body: Self.document(["a"]),
                    payloadHash: PayloadHash.unsignedText
                )
            )
            #expect(answer.code == .invalidRequest)
        }
    }
}
