import HTTPServing
import HTTPServingTesting
import IngestServer
import MuPDF
import Testing

/// A request that must be refused.
struct BadUpload: Sendable, CustomTestStringConvertible {
    let name: String
    let status: Int
    let code: String
    let change: @Sendable (inout UploadRequest) -> Void

    init(
        _ name: String,
        _ status: Int,
        _ code: String,
        _ change: @escaping @Sendable (inout UploadRequest) -> Void
    ) {
        self.name = name
        self.status = status
        self.code = code
        self.change = change
    }

    var testDescription: String { name }

    static func form(_ parts: [UInt8]...) -> @Sendable (inout UploadRequest) -> Void {
        { request in
            request.body = parts.flatMap { $0 } + Array("--cut--\r\n".utf8)
            request.length = request.body.count
        }
    }

    private static let pdf = TestPDF.document(pages: 1, imagesPerPage: 1)

    static let all: [BadUpload] = [
        BadUpload("no boundary", 400, "missing_boundary") {
            $0.headers["Content-Type"] = "multipart/form-data"
        },
        BadUpload("bad boundary", 400, "bad_boundary") {
            $0.headers["Content-Type"] = "multipart/form-data; boundary=\"{}\""
        },
        BadUpload("cut form", 400, "malformed_multipart") {
            $0.body.removeLast(9)
            $0.length = $0.body.count
        },
        BadUpload("too many parts", 400, "too_many_parts") { request in
            request.body = (0..<129).flatMap { _ in UploadRequest.part([], disposition: "name=\"x\"") }
            request.length = request.body.count
        },
        BadUpload("no form", 415, "unsupported_media_type") {
            $0.headers["Content-Type"] = "application/pdf"
        },
        BadUpload("no content type", 415, "unsupported_media_type") { $0.headers["Content-Type"] = nil },
        BadUpload("no body at all", 415, "unsupported_media_type") {
            $0.headers["Content-Type"] = nil
            $0.body = []
            $0.length = nil
        },
        BadUpload("compressed body", 415, "unsupported_media_type") {
            $0.headers["Content-Encoding"] = "gzip"
        },
        BadUpload(
            "no file",
            422,
            "file_missing",
            form(UploadRequest.part(pdf, disposition: "name=\"file\""))
        ),
        BadUpload(
            "a file of another name",
            422,
            "file_missing",
            form(UploadRequest.part(pdf, disposition: "name=\"other\"; filename=\"a.pdf\""))
        ),
        BadUpload("two files", 422, "file_repeated", form(UploadRequest.part(pdf), UploadRequest.part(pdf))),
        BadUpload("empty file", 422, "file_empty", form(UploadRequest.part([]))),
        BadUpload("no PDF", 422, "not_a_pdf", form(UploadRequest.part(Array("hello".utf8)))),
        BadUpload("coded file", 415, "unsupported_media_type") {
            $0.body =
                Array(
                    "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n".utf8
                ) + Array("Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--cut--\r\n".utf8)
            $0.length = $0.body.count
        },
        BadUpload("encrypted PDF", 422, "pdf_encrypted", form(UploadRequest.part(TestPDF.encrypted))),
        BadUpload("damaged PDF", 422, "pdf_damaged", form(UploadRequest.part(TestPDF.damaged))),
        BadUpload(
            "too many pages",
            422,
            "pdf_over_limit",
            form(UploadRequest.part(TestPDF.document(pages: 4, imagesPerPage: 0)))
        ),
        BadUpload("too large", 413, "body_too_large") { $0.length = 1 << 20 },
        BadUpload("no such path", 404, "not_found") { $0.path = "/ingest" },
    ]
}

struct IngestErrorTests {
    @Test(arguments: BadUpload.all, IngestRoute.allCases)
    func `a bad upload is refused with its code, a message and a hint`(
        upload: BadUpload,
        route: IngestRoute
    ) async throws {
        let store = TestStore()
        let change: (inout IngestConfiguration) -> Void = {
            $0.maximumBody = 1 << 16
            $0.pdfLimits.maximumPages = 3
        }
        try await withIngest(store.imageStore, change: change) { connection, service in
            var request = UploadRequest(TestPDF.document(pages: 1, imagesPerPage: 1), to: route)
            upload.change(&request)
            try await connection.send(request.bytes)
            let response = try await connection.response()
            #expect(response?.status == upload.status)
            #expect(response?.headers["content-type"] == "application/json")
            #expect(response?.headers["server-timing"]?.contains("total;start=0.000;dur=") == true)
            #expect(response?.headers["x-request-id"]?.count == 36)
            let error = try ErrorBody(response).error
            #expect(error.code == upload.code)
            #expect(!error.message.isEmpty && !error.hint.isEmpty)
            #expect(store.objects.isEmpty)
            #expect(service.uploadsInFlight == 0)
            // Only a body that is not worth reading costs the connection.
            #expect(response?.headers["connection"] == (upload.status == 413 ? "close" : nil))
            if upload.status == 413 {
                let isClosed = try await connection.isClosedByServer()
                #expect(isClosed)
            } else {
                let health = try await connection.exchange("GET /health HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(health?.status == 200)
            }
        }
    }

    @Test(arguments: [
        ("GET /ingest/async", "POST"), ("PUT /ingest/blocking", "POST"), ("POST /health", "GET, HEAD"),
        ("DELETE /ready", "GET, HEAD"), ("POST /metrics", "GET, HEAD"),
    ])
    func `a method that a path doesn't have is refused with those it has`(line: String, allowed: String)
        async throws
    {
        try await withIngest { connection, _ in
            let response = try await connection.exchange("\(line) HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(response?.status == 405)
            #expect(response?.headers["allow"] == allowed)
            #expect(try ErrorBody(response).error.code == "method_not_allowed")
        }
    }

    @Test func `a chunked body over the limit is refused as soon as it passes it`() async throws {
        try await withIngest(change: { $0.maximumBody = 1000 }) { connection, _ in
            let chunk = "3e8\r\n" + String(repeating: "x", count: 1000) + "\r\n"
            try await connection.send(
                "POST /ingest/async HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n"
                    + "Content-Type: multipart/form-data; boundary=cut\r\n\r\n\(chunk)\(chunk)"
            )
            let response = try await connection.response()
            #expect(response?.status == 413)
            #expect(response?.headers["connection"] == "close")
            let isClosed = try await connection.isClosedByServer()
            #expect(isClosed)
        }
    }

    @Test func `a chunked upload is taken`() async throws {
        try await withIngest { connection, _ in
            let request = UploadRequest(TestPDF.document(pages: 1, imagesPerPage: 1), to: .async)
            try await connection.send(
                "POST /ingest/async HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n"
                    + "Content-Type: multipart/form-data; boundary=cut\r\n\r\n"
            )
            try await connection.send("\(String(request.body.count, radix: 16))\r\n")
            try await connection.send(request.body + Array("\r\n0\r\n\r\n".utf8))
            let receipt = try Receipt(await connection.response())
            #expect(receipt.page_count == 1)
        }
    }

    @Test(arguments: IngestRoute.allCases)
    func `HEAD on an ingest route is refused and keeps the connection`(route: IngestRoute) async throws {
        try await withIngest { connection, _ in
            let head = try await connection.exchange("HEAD \(route.path) HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(head?.status == 405)
            #expect(head?.headers["allow"] == "POST")
            #expect(head?.headers["connection"] == nil)
            let health = try await connection.exchange("GET /health HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(health?.status == 200)
        }
    }

    @Test func `100 Continue is sent for a body that will be read, the refusal at once for any other`()
        async throws
    {
        try await withIngest { connection, _ in
            var request = UploadRequest(TestPDF.document(pages: 1, imagesPerPage: 1), to: .async)
            request.headers["Expect"] = "100-continue"
            try await connection.send(request.head)
            let interim = try await connection.response()
            #expect(interim?.status == 100)
            try await connection.send(request.body)
            let receipt = try Receipt(await connection.response())
            #expect(receipt.images.count == 1)
            request.headers["Content-Type"] = "text/plain"
            try await connection.send(request.head)
            let refusal = try await connection.response()
            #expect(refusal?.status == 415)
            #expect(refusal?.headers["connection"] == "close")
            let isClosed = try await connection.isClosedByServer()
            #expect(isClosed)
        }
    }

    @Test func `uploads past the queue are refused before their body is read`() async throws {
        try await withIngest(change: { $0.maximumQueue = 1 }) { connection, service in
            let request = UploadRequest(TestPDF.document(pages: 1, imagesPerPage: 1), to: .async)
            // Admitted, and waiting for its body.
            var waiting = request
            waiting.headers["Expect"] = "100-continue"
            try await connection.send(waiting.head)
            let interim = try await connection.response()
            #expect(interim?.status == 100)
            try await RawConnection.with(port: service.port) { second in
                try await second.send(request.bytes)
                let response = try await second.response()
                #expect(response?.status == 503)
                #expect(response?.headers["retry-after"] == "1")
                let error = try ErrorBody(response).error
                #expect(error.code == "overloaded")
            }
            try await connection.send(waiting.body)
            let response = try await connection.response()
            #expect(response?.status == 200)
        }
    }
}
