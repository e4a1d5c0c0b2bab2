import HTTPServing
import HTTPServingTesting
import IngestServer
import NIOCore
import Testing

/// Requests whose framing is wrong, or whose bytes come too slowly.
@Suite(.timeLimit(.minutes(1)))
struct FramingTests {
    private static let start = "POST /ingest/async HTTP/1.1\r\nHost: test\r\n"
    private static let type = "Content-Type: multipart/form-data; boundary=cut\r\n"

    /// Checks an answer's form and that the connection is closed behind it.
    private func expectError(
        _ status: Int,
        _ code: String,
        on connection: inout RawConnection
    ) async throws {
        let response = try await connection.response()
        #expect(response?.status == status)
        #expect(response?.headers["connection"] == "close")
        #expect(response?.headers["content-type"] == "application/json")
        #expect(response?.headers["x-request-id"]?.count == 36)
        #expect(response?.headers["server-timing"]?.contains("total;start=0.000;dur=") == true)
        let error = try ErrorBody(response).error
        #expect(error.code == code)
        #expect(!error.message.isEmpty && !error.hint.isEmpty)
        let isClosed = try await connection.isClosedByServer()
        #expect(isClosed)
    }

    @Test(
        arguments: [
            ("nonsense\r\n\r\n", 400),
            ("\(start)Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
            ("\(start)\(type)Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("\(start)\(type)Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc", 400),
            ("POST /ingest/async HTTP/1.1\r\n\(type)Content-Length: 0\r\n\r\n", 400),
            ("\(start)Host: other\r\n\(type)Content-Length: 0\r\n\r\n", 400),
            ("\(start)X: \(String(repeating: "x", count: 40_000))\r\n\r\n", 431),
            ("\(start)\(String(repeating: "X: y\r\n", count: 201))\r\n", 431),
        ]
    )
    func `a request with wrong framing is answered in JSON and closes`(
        request: String,
        status: Int
    ) async throws {
        try await withIngest { connection, service in
            try await connection.send(request)
            try await expectError(status, "bad_request", on: &connection)
            #expect(service.uploadsInFlight == 0)
            let answered = service.counts.requests.filter { $0.key.status == "\(status)" }
            #expect(answered.values.reduce(0, +) == 1)
        }
    }

    @Test func `a head that trickles is told so`() async throws {
        try await withIngest(change: { $0.limits.headTimeout = .milliseconds(200) }) { connection, _ in
            try await connection.send(Self.start)
            try await expectError(408, "request_timeout", on: &connection)
        }
    }

    @Test(arguments: IngestRoute.allCases)
    func `a body that trickles is told so, and stores nothing`(route: IngestRoute) async throws {
        let store = TestStore()
        let change: (inout IngestConfiguration) -> Void = { $0.limits.bodyStretch = .milliseconds(200) }
        try await withIngest(store.imageStore, change: change) { connection, service in
            let request = UploadRequest(TestPDF.document(pages: 1, imagesPerPage: 1), to: route)
            try await connection.send(request.head + request.body.prefix(40))
            try await expectError(408, "request_timeout", on: &connection)
            #expect(service.uploadsInFlight == 0)
            #expect(store.objects.isEmpty)
        }
    }

    @Test(arguments: IngestRoute.allCases)
    func `a body that is cut by its client leaves nothing`(route: IngestRoute) async throws {
        let store = TestStore()
        try await withIngest(store.imageStore) { connection, service in
            let request = UploadRequest(TestPDF.document(pages: 1, imagesPerPage: 1), to: route)
            try await connection.send(request.head + request.body.prefix(request.body.count / 2))
            while service.uploadsInFlight == 0 { await Task.yield() }
            await connection.abort()
            while service.uploadsInFlight > 0 { await Task.yield() }
            #expect(store.objects.isEmpty)
        }
    }

    @Test func `a body shorter than its length is judged as cut, what is past it as another request`()
        async throws
    {
        try await withIngest { connection, _ in
            var request = UploadRequest(TestPDF.document(pages: 1, imagesPerPage: 1), to: .async)
            request.length = request.body.count - 20
            try await connection.send(request.bytes)
            let response = try await connection.response()
            #expect(response?.status == 400)
            #expect(try ErrorBody(response).error.code == "malformed_multipart")
            // The rest is no request line.
            try await expectError(400, "bad_request", on: &connection)
        }
    }
}
