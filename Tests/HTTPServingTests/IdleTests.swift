import HTTPServing
import HTTPServingTesting
import HTTPTypes
import NIOCore
import Testing

struct IdleTests {
    private static func seconds(_ count: Int64) -> NIODeadline {
        .uptimeNanoseconds(0) + .seconds(count)
    }

    @Test func `a client that is waited for is idle after its time and not before`() {
        var tracker = IdleTracker(timeout: .seconds(60), now: Self.seconds(0))
        tracker.clientSent(at: Self.seconds(50))
        #expect(tracker.verdict(at: Self.seconds(60)) == .lookAgain(at: Self.seconds(110)))
        #expect(tracker.verdict(at: Self.seconds(110)) == .idle)
    }

    @Test func `a client isn't idle while the server doesn't wait for it`() {
        var tracker = IdleTracker(timeout: .seconds(60), now: Self.seconds(0))
        tracker.stopWaiting()
        for look in stride(from: Int64(60), through: 600, by: 60) {
            tracker.clientSent(at: Self.seconds(look))
            #expect(tracker.verdict(at: Self.seconds(look)) == .lookAgain(at: Self.seconds(look + 60)))
        }
        tracker.awaitClient(at: Self.seconds(610))
        #expect(tracker.verdict(at: Self.seconds(660)) == .lookAgain(at: Self.seconds(670)))
        #expect(tracker.verdict(at: Self.seconds(670)) == .idle)
    }

    @Test func `a client has its time again after a look that came late`() {
        var tracker = IdleTracker(timeout: .seconds(60), now: Self.seconds(0))
        #expect(tracker.verdict(at: Self.seconds(90)) == .lookAgain(at: Self.seconds(150)))
        #expect(tracker.verdict(at: Self.seconds(150)) == .idle)
    }

    /// It was reset: the head had come, the body had not, and nobody had asked for it.
    @Test func `a request that the server makes wait outlasts a silent client`() async throws {
        let (release, releasing) = AsyncStream.makeStream(of: Void.self)
        let respond: HTTPServer.Responder = { exchange in
            for await _ in release { break }
            try await echo(&exchange)
        }
        // Longer than what is read along with the head.
        let body = String(repeating: "0123456789abcdef", count: 16 << 10)
        try await HTTPServer.with(.impatient, grace: .seconds(5), respond: respond) { server in
            try await RawConnection.with(port: server.port) { connection in
                try await connection.send(post(body))
                try await RawConnection.with(port: server.port) { silent in
                    let isClosed = try await silent.isClosedByServer()
                    #expect(isClosed)
                }
                releasing.yield()
                let response = try await connection.response()
                #expect(response?.text == body)
            }
        }
    }

    @Test(arguments: ["", "POST / HTTP/1.1\r\n", post("begin", length: 100)])
    func `a client that stops sending is disconnected`(beginning: String) async throws {
        try await HTTPServer.with(.impatient, grace: .seconds(5), respond: echo) { server in
            try await RawConnection.with(port: server.port) { connection in
                let whole = try await connection.exchange(post("whole"))
                #expect(whole?.text == "whole")
                try await connection.send(beginning)
                let isClosed = try await connection.isClosedByServer()
                #expect(isClosed)
            }
        }
    }

    @Test func `a refused client that doesn't close makes room for the next`() async throws {
        var configuration = HTTPServer.Configuration.impatient
        configuration.limits.connections = 1
        try await HTTPServer.with(configuration, grace: .seconds(5), respond: echo) { server in
            try await RawConnection.with(port: server.port) { refused in
                let refusal = try await refused.exchange("nonsense\r\n\r\n")
                #expect(refusal?.status == 400)
                try await RawConnection.with(port: server.port) { next in
                    let response = try await next.exchange(post("body"))
                    #expect(response?.text == "body")
                }
            }
        }
    }
}

extension HTTPServer.Configuration {
    fileprivate static var impatient: Self {
        var configuration = test()
        configuration.limits.idleTimeout = .milliseconds(500)
        return configuration
    }
}
