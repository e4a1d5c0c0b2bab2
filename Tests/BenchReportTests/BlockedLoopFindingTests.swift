import BenchReport
import Measurements
import Testing

struct BlockedLoopFindingTests {
    @Test(arguments: [
        // Loaded, idle, free; each limit, and one step beyond.
        (0.05, 0.005, 0.1, true, true),
        (0.0499, 0.004, 0.1, true, false),
        (0.05, 0.00501, 0.1, true, false),
        (0.05, 0.005, 0.099, true, false),
        (0.05, 0.005, 0.099, false, true),
        (0.05, 0.005, nil, true, false),
        (0.05, 0.005, nil, false, true),
        (2.0, 0.3, 0.9, true, false),
    ])
    func `a loop looks blocked at the limits of the rule and not beyond`(
        loaded: Double,
        idle: Double,
        free: Double?,
        isSameHost: Bool,
        isShown: Bool
    ) {
        #expect(
            BlockedLoopFinding.isShown(loaded: loaded, idle: idle, free: free, isSameHost: isSameHost)
                == isShown
        )
    }

    private func document(free: Double?, sameHost: Bool = true, idle: Nanoseconds = 400_000) -> RunDocument {
        var run = SampleRun()
        run.idleProbe = ProbeBaseline(count: 50, p50: idle / 2, p99: idle)
        run.sameHost = sameHost
        run.editRound = { $0.host.idle = free }
        return run.document()
    }

    @Test func `the finding stands in every report with its figures`() throws {
        let document = document(free: 0.45)
        let finding = try #require(document.blockedLoops.first)
        #expect(document.blockedLoops.count == 1, "the other target answers its probe")
        #expect(finding.target == "blocking")
        #expect(
            finding.text.hasPrefix("blocking: the event loop looks blocked: GET /health took ")
                && finding.text.hasSuffix(
                    " while uploads ran, 400 µs before them, and 45 % of the CPU was free"
                )
        )
        let text = TextReport(of: document, style: TerminalStyle(width: 200), checks: [], written: nil).text
        #expect(text.contains("FINDING  \(finding.text)"))
        let json = String(decoding: try document.json(), as: UTF8.self)
        #expect(json.contains("{\"code\":\"loop_looks_blocked\",\"target\":\"blocking\""))
        #expect(try RunDocument(json: Array(json.utf8)) == document)
    }

    /// It once printed the time at which probes were given up as if they had been answered then.
    @Test func `a wait that was cut short is told as a lower bound`() throws {
        var run = SampleRun()
        run.idleProbe = ProbeBaseline(count: 50, p50: 200_000, p99: 400_000)
        run.editRound = { round in
            round.host.idle = 0.45
            for place in round.probes.indices { round.probes[place].outcome = .timeoutWaiting }
        }
        let finding = try #require(run.document().blockedLoops.first { $0.target == "blocking" })
        #expect(finding.text.contains("GET /health took ≥ "), "\(finding.text)")
    }

    @Test func `of another host's CPU nothing is said`() throws {
        let finding = try #require(document(free: 0.45, sameHost: false).blockedLoops.first)
        #expect(finding.free == nil)
        #expect(finding.text.hasSuffix(" before them"))
    }

    @Test func `without a baseline, or without a free processor, nothing is found`() {
        #expect(SampleRun().document().blockedLoops.isEmpty)
        #expect(document(free: 0.02).blockedLoops.isEmpty)
        #expect(document(free: 0.45, idle: 400_000_000).blockedLoops.isEmpty)
    }
}
