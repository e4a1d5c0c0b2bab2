import Measurements
import Testing

@testable import LoadGenerator

/// How requests travel: TLS, HTTP/2, `100 Continue`.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct TransportTests {
    private static let needsTools: Comment = "needs python3 and openssl"

    @Test(.enabled(if: SecureServer.isPossible, needsTools))
    func `a certificate that nobody vouches for is refused with what to do`() async throws {
        let server = try SecureServer()
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        for connections in ConnectionPolicy.allCases {
            let error = await #expect(throws: LoadError.self) {
                try await run(file: file, url: server.url) { draft in
                    draft.requests = 2
                    draft.warmup = 1
                    draft.connections = connections
                }
            }
            // What follows in brackets is the TLS library's to word.
            let sentence = "scripted: the certificate of 127.0.0.1 is not trusted ("
            #expect(error?.message.hasPrefix(sentence) == true, "\(error?.message ?? "")")
            #expect(error?.hint == "pass --cacert FILE or --insecure")
            #expect(error?.isUnreachable == true)
        }
    }

    @Test(.enabled(if: SecureServer.isPossible, needsTools), arguments: [true, false])
    func `a burst over TLS shakes hands before go`(isInsecure: Bool) async throws {
        let server = try SecureServer()
        defer { server.stop() }
        let file = try TemporaryFile(size: 100_000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 8
            draft.transport.isInsecure = isInsecure
            draft.transport.certificates = isInsecure ? nil : server.certificate
            draft.probe = ProbePlan(path: "/", interval: .milliseconds(5))
        }
        let round = try #require(result.rounds.last)
        #expect(round.samples.allSatisfy { $0.outcome == .ok && $0.flags.contains(.reused) })
        #expect(round.samples.allSatisfy { $0.tls == Sample.absent && $0.connect == Sample.absent })
        #expect(round.burst?.openedAfterGo == 0)
        // The last may be under way when the round ends.
        #expect(round.probes.dropLast().allSatisfy { $0.outcome == .ok })
        #expect(round.probes.suffix(1).allSatisfy { [.ok, .cancelled].contains($0.outcome) })
    }

    @Test(.enabled(if: SecureServer.isPossible, needsTools))
    func `fresh connections shake hands inside the upload`() async throws {
        let server = try SecureServer()
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 4
            draft.connections = .fresh
            draft.transport.isInsecure = true
        }
        let samples = try #require(result.rounds.last).samples
        #expect(samples.allSatisfy { $0.outcome == .ok && $0.connect > 0 && $0.tls > 0 })
    }

    @Test(.enabled(if: SecureServer.isPossible, needsTools))
    func `a server without HTTP/2 is said to be one`() async throws {
        let server = try SecureServer()
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let error = await #expect(throws: LoadError.self) {
            try await run(file: file, url: server.url) { draft in
                draft.requests = 2
                draft.transport.isInsecure = true
                draft.transport.version = .two
            }
        }
        #expect(error == .noHTTP2(target: "scripted", address: "127.0.0.1:\(server.port)"))
        #expect(error?.message == "scripted: 127.0.0.1:\(server.port) does not speak HTTP/2")
    }

    @Test(.enabled(if: SecureServer.isPossible, needsTools), arguments: [3000, 300_000])
    func `a burst goes by HTTP/2 where that is wanted`(size: Int) async throws {
        let server = try SecureServer(.two)
        defer { server.stop() }
        let file = try TemporaryFile(size: size)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 8
            draft.transport.isInsecure = true
            draft.transport.version = .two
            draft.probe = ProbePlan(path: "/", interval: .milliseconds(5))
        }
        let round = try #require(result.rounds.last)
        #expect(
            round.samples.allSatisfy { $0.outcome == .ok && $0.status == 200 && $0.flags.contains(.reused) }
        )
        #expect(round.samples.allSatisfy { $0.bytesOut > size && $0.bodySent <= $0.firstByte })
        #expect(round.burst?.openedAfterGo == 0)
        #expect(Set(round.samples.map(\.connection)).count == 8, "no two share a connection")
        #expect(round.probes.dropLast().allSatisfy { $0.outcome == .ok })
    }

    @Test(.enabled(if: SecureServer.isPossible, needsTools), arguments: ConnectionPolicy.allCases)
    func `a closed loop by HTTP/2 keeps its connections, or opens one for each upload`(
        connections: ConnectionPolicy
    ) async throws {
        let server = try SecureServer(.two)
        defer { server.stop() }
        let file = try TemporaryFile(size: 100_000)
        let result = try await run(file: file, url: server.url) { draft in
            (draft.requests, draft.concurrency, draft.connections) = (20, [4], connections)
            draft.transport.certificates = server.certificate
            draft.transport.version = .two
        }
        let samples = try #require(result.rounds.last).samples
        #expect(samples.count == 20 && samples.allSatisfy { $0.outcome == .ok })
        #expect(samples.allSatisfy { $0.flags.contains(.reused) == (connections == .reuse) })
        #expect(samples.allSatisfy { ($0.tls > 0) == (connections == .fresh) })
    }

    @Test(arguments: [3000, 300_000])
    func `a body waits for 100 Continue where that is wanted`(size: Int) async throws {
        let server = try ScriptedServer(.continues, keepsBodies: true)
        defer { server.stop() }
        let file = try TemporaryFile(size: size)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 3
            draft.transport.expectsContinue = true
        }
        let round = try #require(result.rounds.last)
        #expect(server.seen.heads.allSatisfy { $0.lowercased().contains("\r\nexpect: 100-continue\r\n") })
        #expect(round.samples.map(\.outcome) == [.ok, .ok, .ok])
        #expect(round.samples.allSatisfy { $0.firstByte >= $0.bodySent }, "100 is no response yet")
        #expect(server.seen.bodies.allSatisfy { $0.count > size })
        #expect(!round.validity.reasons.contains { $0.contains("100 Continue") })
    }

    @Test func `a body that waits in vain for 100 Continue is sent all the same`() async throws {
        let server = try ScriptedServer(.answer(status: 200, body: "", fields: []))
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 2
            draft.transport.expectsContinue = true
        }
        let round = try #require(result.rounds.last)
        #expect(round.samples.map(\.outcome) == [.ok, .ok])
        #expect(round.samples.allSatisfy { $0.bodySent - $0.sent > 900_000_000 })
    }
}
