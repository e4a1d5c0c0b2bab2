import HTTPServing
import HTTPServingTesting
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

struct HTTPExchangeTests {
    @Test func `a small body nobody read is dropped and the connection goes on`() async throws {
        try await withServer(refuse) { connection in
            for _ in 0..<2 {
                let body = String(repeating: "x", count: 60_000)
                let response = try await connection.exchange(post(body))
                #expect(response?.status == 401)
                #expect(response?.headers["connection"] == nil)
            }
        }
    }

    @Test func `a large body nobody reads closes the connection after the answer`() async throws {
        try await withServer(refuse) { connection in
            // The body begins, but most of it never comes.
            let response = try await connection.exchange(post("begin", length: 1 << 30))
            #expect(response?.status == 401)
            #expect(response?.text == "no")
            #expect(response?.headers["connection"] == "close")
            let isClosed = try await connection.isClosedByServer()
            #expect(isClosed)
        }
    }

    @Test func `an answer reaches a client that goes on sending`() async throws {
        try await withServer(refuse) { connection in
            try await connection.send(post("", length: 8 << 20))
            for _ in 0..<16 {
                try await connection.send([UInt8](repeating: 0, count: 64 << 10))
            }
            let response = try await connection.response()
            #expect(response?.text == "no")
        }
    }

    @Test func `100 Continue is sent when the handler asks for the body`() async throws {
        try await withServer(echo) { connection in
            try await connection.send(post("", length: 4, headers: "Expect: 100-continue\r\n"))
            let interim = try await connection.response()
            #expect(interim?.status == 100)
            try await connection.send("body")
            let response = try await connection.response()
            #expect(response?.text == "body")
        }
    }

    @Test func `a client that waits for 100 Continue gets a refusal in its place`() async throws {
        try await withServer(refuse) { connection in
            let response = try await connection.exchange(
                post("", length: 4, headers: "Expect: 100-continue\r\n")
            )
            #expect(response?.status == 401)
            #expect(response?.headers["connection"] == "close")
            let isClosed = try await connection.isClosedByServer()
            #expect(isClosed)
        }
    }

    @Test(arguments: ["close", "Close", "TE, close"])
    func `a connection closes when its client asks for that`(value: String) async throws {
        try await withServer(echo) { connection in
            let response = try await connection.exchange(post("x", headers: "Connection: \(value)\r\n"))
            #expect(response?.text == "x")
            #expect(response?.headers["connection"] == "close")
            let isClosed = try await connection.isClosedByServer()
            #expect(isClosed)
        }
    }

    @Test func `a broken body is answered once and closes the connection`() async throws {
        let respond: HTTPServer.Responder = { exchange in
            do {
                while try await exchange.readBody() != nil {}
            } catch {
                try await exchange.respond(HTTPResponse(status: .badRequest))
            }
        }
        try await withServer(respond) { connection in
            let response = try await connection.exchange(
                "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n"
            )
            #expect(response?.status == 400)
            #expect(response?.headers["connection"] == "close")
            let isClosed = try await connection.isClosedByServer()
            #expect(isClosed)
        }
    }

    @Test(arguments: HandlerExecutor.allCases)
    func `a body that had to wait for its handler arrives whole`(executor: HandlerExecutor) async throws {
        let (release, releasing) = AsyncStream.makeStream(of: Void.self)
        let respond: HTTPServer.Responder = { exchange in
            for await _ in release { break }
            try await echo(&exchange)
        }
        let body = String(repeating: "0123456789abcdef", count: 256 << 10)
        try await HTTPServer.with(.test(executor: executor), grace: .seconds(5), respond: respond) { server in
            try await RawConnection.with(port: server.port) { connection in
                try await connection.send(post(body))
                releasing.yield()
                let response = try await connection.response()
                #expect(response?.text == body)
            }
        }
    }

    @Test func `requests are answered in turn however their bytes are cut`() async throws {
        try await withServer(echo) { connection in
            let requests = "\r\n\r\n" + post("first") + "\r\n" + post("") + post("third\n\n\r\n\r\n")
            for byte in requests.utf8 { try await connection.send([byte]) }
            // All at once, as a client that pipelines sends them.
            try await connection.send(requests)
            for _ in 0..<2 {
                for body in ["first", "", "third\n\n\r\n\r\n"] {
                    let response = try await connection.response()
                    #expect(response?.text == body)
                }
            }
        }
    }

    @Test func `the target arrives as it was sent`() async throws {
        let target = "/a//b/../%2e%2E/c+d?x=%20&y"
        try await withServer({ exchange in
            let path = exchange.head.path ?? ""
            try await exchange.respond(HTTPResponse(status: .ok), body: ByteBuffer(string: path))
        }) { connection in
            let response = try await connection.exchange("GET \(target) HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(response?.text == target)
        }
    }

    @Test func `a HEAD request gets the length and no body`() async throws {
        try await withServer({ exchange in
            try await exchange.respond(HTTPResponse(status: .ok), body: ByteBuffer(string: "body"))
        }) { connection in
            for _ in 0..<2 {
                let response = try await connection.exchange("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(response?.headers["content-length"] == "4")
            }
        }
    }

    @Test func `a body can be written bit by bit`() async throws {
        try await withServer({ exchange in
            let response = HTTPResponse(status: .ok, headerFields: [.contentLength: "30000"])
            try await exchange.respond(response) { body in
                for _ in 0..<3 {
                    try await body.write(ByteBuffer(repeating: 1, count: 10_000))
                }
            }
        }) { connection in
            for _ in 0..<2 {
                let response = try await connection.exchange("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(response?.body == [UInt8](repeating: 1, count: 30_000))
            }
        }
    }

    @Test(arguments: HandlerExecutor.allCases)
    func `work is cancelled when its client goes away`(executor: HandlerExecutor) async throws {
        let (events, report) = AsyncStream.makeStream(of: String.self)
        let respond: HTTPServer.Responder = { exchange in
            try await exchange.cancellingOnDisconnect {
                report.yield("started")
                // Ends only by cancellation.
                for await _ in AsyncStream(Never.self, { _ in }) {}
                report.yield(Task.isCancelled ? "cancelled" : "ended")
            }
        }
        try await HTTPServer.with(.test(executor: executor), grace: .seconds(5), respond: respond) { server in
            try await RawConnection.with(port: server.port) { connection in
                try await connection.send(post(""))
                var iterator = events.makeAsyncIterator()
                #expect(await iterator.next() == "started")
                await connection.abort()
                #expect(await iterator.next() == "cancelled")
            }
        }
    }

    @Test func `dates are written as HTTP wants them`() {
        #expect(HTTPDate.text(second: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}

private func withServer(
    _ respond: @escaping HTTPServer.Responder,
    _ body: @Sendable (inout RawConnection) async throws -> Void
) async throws {
    try await HTTPServer.with(.test(), grace: .seconds(5), respond: respond) { server in
        try await RawConnection.with(port: server.port, body)
    }
}
