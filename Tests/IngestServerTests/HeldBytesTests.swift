import HTTPServing
import HTTPServingTesting
import IngestServer
import NIOCore
import Testing

/// How uploads share the memory for their bodies.
struct HeldBytesTests {
    private static let file = TestPDF.document(pages: 1, imagesPerPage: 1)
    /// A form that doesn't come in one piece with the head.
    private static let largeForm =
        UploadRequest.part([UInt8](repeating: 0, count: 400 << 10), disposition: #"name="padding""#)
        + UploadRequest.part(file) + Array("--cut--\r\n".utf8)

    /// It was reset when the time-out of idle connections was over.
    @Test(arguments: IngestRoute.allCases)
    func `an upload that waits for room outlasts a silent client`(route: IngestRoute) async throws {
        let (entered, entering) = AsyncStream.makeStream(of: Void.self)
        let (release, releasing) = AsyncStream.makeStream(of: Void.self)
        var images = TestStore().imageStore
        let put = images.put
        images.put = { key, image in
            entering.yield()
            for await _ in release {}
            try await put(key, image)
        }
        let change: (inout IngestConfiguration) -> Void = {
            $0.maximumHeldBytes = 1
            $0.limits.idleTimeout = .seconds(1)
        }
        try await withIngest(images, change: change) { connection, service in
            try await connection.send(UploadRequest(Self.file, to: .async).bytes)
            for await _ in entered { break }
            try await RawConnection.with(port: service.port) { waiting in
                try await waiting.send(UploadRequest(form: Self.largeForm, to: route).bytes)
                while service.uploadsInFlight < 2 { await Task.yield() }
                try await RawConnection.with(port: service.port) { silent in
                    let health = try await silent.exchange("GET /health HTTP/1.1\r\nHost: test\r\n\r\n")
                    #expect(health?.status == 200)
                    #expect(service.uploadsInFlight == 2)
                    let isClosed = try await silent.isClosedByServer()
                    #expect(isClosed)
                }
                releasing.finish()
                let response = try await waiting.response()
                #expect(response?.status == 200)
            }
            let response = try await connection.response()
            #expect(response?.status == 200)
        }
    }

    /// Each had taken as much room as the largest body allowed.
    @Test func `chunked uploads that are slow leave room for others`() async throws {
        let request = UploadRequest(Self.file, to: .async).chunked
        try await withIngest(change: { $0.maximumHeldBytes = 1 << 20 }) { first, service in
            try await first.beginBody(of: request)
            try await RawConnection.with(port: service.port) { second in
                try await second.beginBody(of: request)
                try await RawConnection.with(port: service.port) { other in
                    try await other.send(UploadRequest(Self.file, to: .async).bytes)
                    let response = try await other.response()
                    #expect(response?.status == 200)
                }
                try await second.send(request.body)
                let response = try await second.response()
                #expect(response?.status == 200)
            }
            try await first.send(request.body)
            let response = try await first.response()
            #expect(response?.status == 200)
        }
    }

    @Test func `where nobody waits an upload without room is refused, and those that have it go on`()
        async throws
    {
        let request = UploadRequest(form: Self.largeForm, to: .async)
        let change: (inout IngestConfiguration) -> Void = {
            $0.maximumHeldBytes = 700 << 10
            $0.whenFull = .refuse
        }
        try await withIngest(change: change) { first, service in
            var waiting = request
            waiting.headers["Expect"] = "100-continue"
            try await first.beginBody(of: waiting)
            // One whose length is known is refused at once, one that grows when it has grown too far.
            for refused in [request, request.chunked] {
                try await RawConnection.with(port: service.port) { second in
                    try await second.send(refused.head)
                    if refused.length == nil {
                        let interim = try await second.response()
                        #expect(interim?.status == 100)
                    }
                    try await second.send(refused.body)
                    let response = try await second.response()
                    #expect(response?.status == 503)
                    #expect(response?.headers["retry-after"] == "1")
                    #expect(try ErrorBody(response).error.code == "overloaded")
                }
            }
            try await first.send(waiting.body)
            let response = try await first.response()
            #expect(response?.status == 200)
        }
    }

    @Test func `chunked uploads that outgrow the room don't wait for each other for ever`() async throws {
        let request = UploadRequest(form: Self.largeForm, to: .async).chunked
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let gates = (0..<2).map { _ in AsyncStream.makeStream(of: Never.self) }
        try await withIngest(change: { $0.maximumHeldBytes = 512 << 10 }) { _, service in
            try await withThrowingTaskGroup(of: Int?.self) { group in
                for gate in gates {
                    group.addTask {
                        try await RawConnection.with(port: service.port) { connection in
                            try await connection.beginBody(of: request)
                            beginning.yield()
                            for await _ in gate.stream {}
                            try await connection.send(request.body)
                            return try await connection.response()?.status
                        }
                    }
                }
                // Both have room for their begin, and there is no more.
                var iterator = begun.makeAsyncIterator()
                for _ in gates { await iterator.next() }
                for gate in gates { gate.continuation.finish() }
                for try await status in group { #expect(status == 200) }
            }
        }
    }
}

extension UploadRequest {
    /// The same upload without a length, in one chunk, for a client that waits until its body is asked for.
    fileprivate var chunked: UploadRequest {
        var request = self
        request.length = nil
        request.headers["Transfer-Encoding"] = "chunked"
        request.headers["Expect"] = "100-continue"
        request.body =
            Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8)
        return request
    }
}

extension RawConnection {
    /// Sends a head and waits until the body is asked for.
    fileprivate mutating func beginBody(of request: UploadRequest) async throws {
        try await send(request.head)
        let interim = try await response()
        #expect(interim?.status == 100)
    }
}
