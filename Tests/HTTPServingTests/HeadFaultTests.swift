import Foundation
import HTTPServing
import HTTPServingTesting
import HTTPTypes
import NIOCore
import Testing

/// Requests that no handler sees, and bodies that come too slowly for one.
@Suite(.timeLimit(.minutes(1)))
struct HeadFaultTests {
    enum BadHead: CaseIterable {
        case longField
        case manyFields
        case nonsense
        case twoLengths
        case lengthAndChunked

        var text: String {
            let start = "POST / HTTP/1.1\r\nHost: test\r\n"
            return switch self {
            case .longField: "\(start)X: \(String(repeating: "x", count: 40_000))\r\n\r\n"
            case .manyFields: "\(start)\(String(repeating: "X: y\r\n", count: 300))\r\n"
            case .nonsense: "nonsense\r\n\r\n"
            case .twoLengths: "\(start)Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"
            case .lengthAndChunked:
                "\(start)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            }
        }

        var fault: HeadFault {
            switch self {
            case .longField, .manyFields: .tooLarge
            case .nonsense, .twoLengths, .lengthAndChunked: .malformed
            }
        }
    }

    private static let wording: HTTPServer.HeadRefusal = { fault in
        ([.contentType: "text/plain"], ByteBuffer(string: "\(fault)"))
    }

    private func withServer(
        change: (inout HTTPServer.Configuration) -> Void = { _ in },
        _ body: @Sendable (inout RawConnection) async throws -> Void
    ) async throws {
        var configuration = HTTPServer.Configuration.test()
        configuration.refuseHead = Self.wording
        change(&configuration)
        try await HTTPServer.with(configuration, grace: .seconds(5), respond: echo) { server in
            try await RawConnection.with(port: server.port, body)
        }
    }

    private func expectRefusal(_ fault: HeadFault, on connection: inout RawConnection) async throws {
        let response = try await connection.response()
        #expect(response?.status == fault.status.code)
        #expect(response?.text == "\(fault)")
        #expect(response?.headers["connection"] == "close")
        #expect(response?.headers["content-type"] == "text/plain")
        let isClosed = try await connection.isClosedByServer()
        #expect(isClosed)
    }

    @Test(arguments: BadHead.allCases)
    func `a head that is too large or no HTTP is answered and closes the connection`(head: BadHead)
        async throws
    {
        try await withServer { connection in
            try await connection.send(head.text)
            try await expectRefusal(head.fault, on: &connection)
        }
    }

    @Test func `a bad head is answered behind good requests of its connection`() async throws {
        try await withServer { connection in
            let first = try await connection.exchange(post("first"))
            #expect(first?.text == "first")
            try await connection.send("nonsense\r\n\r\n")
            try await expectRefusal(.malformed, on: &connection)
        }
    }

    /// It was answered without a body, by Hummingbird.
    @Test(arguments: ["GET / HTTP/1.1\r\nHost: test\r\n\r\n", post("first"), post("first") + post("second")])
    func `a bad head behind requests that aren't answered yet is answered after them`(requests: String)
        async throws
    {
        try await withServer { connection in
            try await connection.send(requests + "nonsense\r\n\r\n")
            for _ in 0..<requests.components(separatedBy: "HTTP/1.1").count - 1 {
                let response = try await connection.response()
                #expect(response?.status == 200)
            }
            try await expectRefusal(.malformed, on: &connection)
        }
    }

    @Test func `a bad head behind a request that closes the connection is not answered`() async throws {
        try await withServer { connection in
            try await connection.send(post("first", headers: "Connection: close\r\n") + "nonsense\r\n\r\n")
            let response = try await connection.response()
            #expect(response?.text == "first")
            let isClosed = try await connection.isClosedByServer()
            #expect(isClosed)
        }
    }

    /// It was closed without a word.
    @Test(arguments: ["P", "POST / HTTP/1.1\r\nHost: te"])
    func `a head that doesn't get whole in its time is answered`(beginning: String) async throws {
        try await withServer(change: { $0.limits.headTimeout = .milliseconds(200) }) { connection in
            try await connection.send(beginning)
            try await expectRefusal(.slow, on: &connection)
        }
    }

    @Test func `a refused client that goes on sending still gets its answer`() async throws {
        try await withServer { connection in
            try await connection.send("nonsense\r\n\r\n")
            try await connection.send(String(repeating: "more nonsense\r\n", count: 20_000))
            try await expectRefusal(.malformed, on: &connection)
        }
    }
}
