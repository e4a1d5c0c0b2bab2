import Glibc
import HTTPServing
import Glibc
import HTTPServingTesting
import HTTPTypes
import Logging
import NIOCore
import Testing

struct HTTPServerTests {
    @Test(arguments: HandlerExecutor.allCases)
    func `a handler answers with what it read of the body`(executor: HandlerExecutor) async throws {
        try await HTTPServer.with(.test(executor: executor), grace: .seconds(5), respond: echo) { server in
            try await RawConnection.with(port: server.port) { connection in
                for body in ["first", "", "third"] {
                    let response = try await connection.exchange(post(body))
                    #expect(response?.status == 200)
                    #expect(response?.text == body)
                    #expect(response?.headers["date"]?.hasSuffix(" GMT") == true)
                }
            }
        }
    }

    @Test(arguments: [(HandlerExecutor.loop, 1, true), (.loop, 3, true), (.pool, 1, false)])
    func `a handler runs on the loop of its connection unless the pool was asked for`(
        executor: HandlerExecutor,
        loops: Int,
        onLoop: Bool
    ) async throws {
        let configuration = HTTPServer.Configuration.test(executor: executor, loops: loops)
        let respond: HTTPServer.Responder = { exchange in
            while try await exchange.readBody() != nil {}
            let isOnLoop = exchange.channel.eventLoop.inEventLoop
            try await exchange.respond(.init(status: .ok), body: ByteBuffer(string: "\(isOnLoop)"))
        }
        try await HTTPServer.with(configuration, grace: .seconds(5), respond: respond) { server in
            for _ in 0..<4 {
                try await RawConnection.with(port: server.port) { connection in
                    let response = try await connection.exchange(post("body"))
                    #expect(response?.text == "\(onLoop)")
                }
            }
        }
    }

    @Test func `a port in use is named, with what to try`() async throws {
        try await HTTPServer.with(.test(), grace: .seconds(5), respond: echo) { server in
            var configuration = HTTPServer.Configuration.test()
            configuration.port = server.port
            let error = await #expect(throws: HTTPServingError.self) {
                try await HTTPServer.start(configuration, respond: echo)
            }
            #expect(error == .addressInUse(host: "127.0.0.1", port: server.port))
            #expect(error?.message == "127.0.0.1:\(server.port) is already in use")
            #expect(error?.hint?.contains("--port 0") == true)
        }
    }

    @Test(arguments: [
        ("no-such-host.invalid", HTTPServingError.hostUnknown(host: "no-such-host.invalid")),
        ("192.0.2.1", .addressNotLocal(host: "192.0.2.1")),
    ])
    func `a host that is not this machine's is named`(host: String, expected: HTTPServingError) async throws {
        var configuration = HTTPServer.Configuration.test()
        configuration.host = host
        await #expect(throws: expected) {
            try await HTTPServer.start(configuration, respond: echo)
        }
    }

    @Test func `a stopped server has answered what was in flight and listens no more`() async throws {
        let (entered, entering) = AsyncStream.makeStream(of: Void.self)
        let (release, releasing) = AsyncStream.makeStream(of: Void.self)
        let server = try await HTTPServer.start(.test()) { exchange in
            entering.yield()
            for await _ in release { break }
            try await exchange.respond(.init(status: .ok), body: ByteBuffer(string: "late"))
        }
        try await RawConnection.with(port: server.port) { connection in
            try await connection.send(post(""))
            for await _ in entered { break }
            async let stopped = server.stop(grace: .seconds(30))
            releasing.yield()
            let late = try await connection.response()
            #expect(late?.text == "late")
            let isClosed = try await connection.isClosedByServer()
            #expect(isClosed)
            #expect(await stopped)
        }
        await #expect(throws: (any Error).self) {
            try await RawConnection.with(port: server.port) { _ in }
        }
    }

    @Test func `a request that outlasts the grace period is cancelled`() async throws {
        let (entered, entering) = AsyncStream.makeStream(of: Void.self)
        let server = try await HTTPServer.start(.test()) { exchange in
            entering.yield()
            // Ends only by cancellation.
            for await _ in AsyncStream(Never.self, { _ in }) {}
            try await exchange.respond(.init(status: .ok))
        }
        try await RawConnection.with(port: server.port) { connection in
            try await connection.send(post(""))
            for await _ in entered { break }
            #expect(await server.stop(grace: .zero) == false)
        }
    }

    @Test func `a request that blocks the loop is cancelled when the grace period is over`() async throws {
        let (entered, entering) = AsyncStream.makeStream(of: Void.self)
        let server = try await HTTPServer.start(.test()) { exchange in
            entering.yield()
            while !Task.isCancelled { sched_yield() }
            try await exchange.respond(.init(status: .ok))
        }
        try await RawConnection.with(port: server.port) { connection in
            try await connection.send(post(""))
            for await _ in entered { break }
            #expect(await server.stop(grace: .zero) == false)
        }
    }

    @Test func `an idle connection doesn't hold up the end`() async throws {
        let server = try await HTTPServer.start(.test(), respond: echo)
        try await RawConnection.with(port: server.port) { connection in
            let response = try await connection.exchange(post("x"))
            #expect(response?.status == 200)
            #expect(await server.stop(grace: .seconds(30)))
            let isClosed = try await connection.isClosedByServer()
            #expect(isClosed)
        }
    }
}
