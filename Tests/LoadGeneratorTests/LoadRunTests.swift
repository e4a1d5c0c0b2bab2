import Curl
import Glibc
import Measurements
import MultipartForm
import Synchronization
import Testing

@testable import LoadGenerator

/// The engine against real sockets on loopback.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct LoadRunTests {
    private static let fine = ScriptedServer.Behaviour.answer(status: 200, body: "{}", fields: [])

    @Test func `a burst opens every connection before go and none after`() async throws {
        let server = try ScriptedServer(.holdUntil(200))
        defer { server.stop() }
        let file = try TemporaryFile(size: 2000)
        let result = try await run(file: file, url: server.url) { draft in draft.requests = 200 }
        let round = try #require(result.rounds.last)
        #expect(server.seen.connectionsAtFirstUpload == 200)
        #expect(server.seen.connections == 200)
        #expect(round.burst?.openedAfterGo == 0)
        #expect(round.burst?.peakInFlight == 200)
        #expect(round.samples.allSatisfy { $0.outcome == .ok && $0.flags.contains(.reused) })
        #expect(Set(round.samples.map(\.connection)) == Set(0..<200))
    }

    @Test func `a server that closes after every answer still gets a burst`() async throws {
        let server = try ScriptedServer(.closeAlways)
        defer { server.stop() }
        let file = try TemporaryFile(size: 100_000)
        let result = try await run(file: file, url: server.url) { draft in draft.requests = 20 }
        let round = try #require(result.rounds.last)
        #expect(round.burst?.openedAfterGo == 0)
        #expect(round.samples.allSatisfy { $0.outcome == .ok })
        #expect(server.seen.connections == 40, "20 for HEAD, 20 for the uploads")
    }

    @Test func `a closed loop reuses its connections`() async throws {
        let server = try ScriptedServer(Self.fine)
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 1000
            draft.concurrency = [10]
        }
        let round = try #require(result.rounds.last)
        #expect(server.seen.connections == 10)
        #expect(server.seen.uploads == 1000)
        #expect(round.burst == nil)
        #expect(PeakInFlight.count(round.samples) <= 10)
        #expect(round.samples.allSatisfy { $0.intended == $0.sent })
    }

    @Test func `fresh connections are opened inside each upload`() async throws {
        let server = try ScriptedServer(Self.fine)
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 12
            draft.connections = .fresh
        }
        let round = try #require(result.rounds.last)
        #expect(server.seen.connections == 13, "one more to see that it can be reached")
        #expect(
            round.samples.allSatisfy { $0.outcome == .ok && !$0.flags.contains(.reused) && $0.connect > 0 }
        )
    }

    @Test(arguments: [1, 1023, 1024, 1025, 16_384, 65_000, 65_536, 131_071, 131_072, 1_048_577, 5_000_000])
    func `every byte arrives as it was encoded`(size: Int) async throws {
        let server = try ScriptedServer(Self.fine, keepsBodies: true)
        defer { server.stop() }
        let file = try TemporaryFile(size: size)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 3
            draft.formFields = [PlanField(name: "note", value: "naïve")]
        }
        let name = file.path.split(separator: "/").last.map(String.init) ?? ""
        let writer = MultipartWriter(field: "file", fileName: name, fields: [("note", "naïve")])
        let body = writer.body(fileSize: size) { space in
            file.bytes.withUnsafeBytes { space.copyMemory(from: $0) }
        }
        let round = try #require(result.rounds.last)
        #expect(round.samples.map(\.outcome) == [.ok, .ok, .ok])
        #expect(round.samples.allSatisfy { $0.bytesOut == Int64(body.bytes.count) })
        #expect(server.seen.bodies.count == 3)
        #expect(
            server.seen.bodies.allSatisfy { received in received.withUnsafeBytes { isEqual($0, body.bytes) } }
        )
        let head = try #require(server.seen.heads.first?.lowercased())
        #expect(!head.contains("expect:"))
        #expect(!head.contains("accept-encoding"))
        #expect(head.contains("content-type: multipart/form-data; boundary=ingest-bench-boundary-"))
    }

    @Test func `times come in their order`() async throws {
        let server = try ScriptedServer(Self.fine)
        defer { server.stop() }
        let file = try TemporaryFile(size: 300_000)
        let result = try await run(file: file, url: server.url) { draft in draft.requests = 30 }
        for sample in try #require(result.rounds.last).samples {
            let times = [sample.intended, sample.sent, sample.bodySent, sample.firstByte, sample.done]
            #expect(times == times.sorted(), "intended, sent, body sent, first byte, done")
            #expect(sample.intended == 0)
        }
    }

    @Test func `rounds interleave, warm-ups come first and connections are new in each`() async throws {
        let first = try ScriptedServer(Self.fine)
        let second = try ScriptedServer(Self.fine)
        defer {
            first.stop()
            second.stop()
        }
        let file = try TemporaryFile(size: 3000)
        let urls = [first.url, second.url]
        let pauses = Mutex(0)
        let result = try await run(
            file: file,
            url: urls[0],
            hooks: LoadHooks(betweenRounds: { pauses.withLock { $0 += 1 } })
        ) { draft in
            draft.targets.append(try LoadTarget(name: "second", url: urls[1]))
            draft.requests = 4
            draft.rounds = 2
            draft.warmup = 1
        }
        let kept = result.rounds
        #expect(kept.map(\.isWarmup) == [true, true, false, false, false, false])
        #expect(kept.map(\.index) == [0, 0, 0, 0, 1, 1])
        #expect(kept[2].target == kept[5].target && kept[3].target == kept[4].target, "once AB, once BA")
        #expect(result.addresses == ["scripted": "127.0.0.1", "second": "127.0.0.1"])
        #expect(first.seen.connections == 4 * 3)
        #expect(pauses.withLock { $0 } == 2 * 3 - 1)
    }

    @Test func `a block that the machine disturbed is measured again, and the last attempt is kept`()
        async throws
    {
        let server = try ScriptedServer(Self.fine)
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let repeated = Mutex<[String]>([])
        let result = try await run(
            file: file,
            url: server.url,
            // Pages are swapped in during the first round only.
            machine: {
                let vmstat = "pswpin \(server.seen.uploads < 4 ? 0 : 7)\n"
                return MachineSnapshot(time: MonotonicClock.now(), stat: "", vmstat: vmstat, ownTime: 0)
            },
            onEvent: { event in
                guard case .blockRepeated(0, let reasons) = event else { return }
                repeated.withLock { $0 += reasons }
            }
        ) { draft in
            draft.requests = 4
            draft.rounds = 2
        }
        #expect(repeated.withLock { $0 } == ["swapping"])
        #expect(result.rounds.map(\.attempt) == [2, 1])
        #expect(result.rounds.map(\.discarded) == [["swapping"], []])
        #expect(server.seen.uploads == 12)
        #expect(!result.validity.reasons.contains("swapping"))
    }

    @Test func `the probe watches on a connection of its own`() async throws {
        let server = try ScriptedServer(.holdUntil(6))
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in
            draft.requests = 6
            draft.probe = ProbePlan(path: "/health", interval: .milliseconds(1))
        }
        let round = try #require(result.rounds.last)
        #expect(server.seen.connections == 8)
        #expect(server.seen.probes > round.probes.count, "the first request is not counted")
        // The last may be under way, or not yet sent, when the round ends.
        let finished = round.probes.dropLast(round.probes.last?.outcome == .cancelled ? 1 : 0)
        #expect(finished.allSatisfy { $0.outcome == .ok && $0.intended <= $0.sent && $0.sent <= $0.done })
        #expect(round.probes.allSatisfy { $0.intended >= 0 && $0.intended <= round.makespan })
    }

    @Test func `the server's stages are placed on the round's clock`() async throws {
        let boot = try #require(readSmallFile("/proc/sys/kernel/random/boot_id")).prefix(8)
        let zero = MonotonicClock.now()
        let server = try ScriptedServer(
            .answer(
                status: 200,
                body: "{}",
                fields: [
                    "Server-Timing: pdf;start=1.5;dur=38.4, total;start=0;dur=50",
                    "X-Server-Clock: \(boot) \(zero)",
                ]
            )
        )
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in draft.requests = 2 }
        for sample in try #require(result.rounds.last).samples {
            #expect(sample.stages.map(\.name) == ["pdf", "total"])
            #expect(sample.stages.map(\.duration) == [38_400_000, 50_000_000])
            #expect(sample.stages[0].start - sample.stages[1].start == 1_500_000)
            #expect(sample.stages[1].start < 0, "the server's zero was before go")
        }
    }

    @Test func `a server that counts other bytes makes the round invalid`() async throws {
        let server = try ScriptedServer(Self.fine)
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let calls = Mutex<UInt64>(0)
        let hooks = LoadHooks(serverReceivedBytes: { _ in
            calls.withLock { calls in
                calls += 1
                return calls
            }
        })
        let result = try await run(file: file, url: server.url, hooks: hooks) { draft in draft.requests = 2 }
        #expect(result.validity.verdict == .invalid)
        #expect(
            result.rounds.last?.validity.reasons.contains { $0.hasPrefix("the server received 1 body bytes") }
                == true
        )
    }

    @Test func `environment proxies are ignored`() async throws {
        setenv("http_proxy", "http://127.0.0.1:1", 1)
        defer { unsetenv("http_proxy") }
        let server = try ScriptedServer(Self.fine)
        defer { server.stop() }
        let file = try TemporaryFile(size: 3000)
        let result = try await run(file: file, url: server.url) { draft in draft.requests = 2 }
        #expect(result.rounds.last?.samples.allSatisfy { $0.outcome == .ok } == true)
    }
}

/// Compares bytes in one call: element by element takes a debug build seconds.
private func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count, let first = left.baseAddress, let second = right.baseAddress else {
        return left.count == right.count
    }
    return memcmp(first, second, left.count) == 0
}
