import BenchReport
import Measurements
import Testing

struct RunMergeTests {
    private static let start = SampleRun.epoch

    /// A shard: its rounds are those of a run, so many milliseconds late.
    private func shard(
        _ index: Int,
        of count: Int,
        late: Int64 = 0,
        _ change: (inout SampleRun) -> Void = { _ in }
    ) -> RunDocument {
        var run = SampleRun()
        run.uploads = 10
        run.rounds = 6
        run.seed = 42
        run.arguments = [
            "run", "sample.pdf", "20", "--shard", "\(index)/\(count)", "--start-at=12:00", "--seed", "42",
        ]
        run.editRound = {
            $0.started.nanosecondsSince1970 += late * 1_000_000
            $0.client.processorTime = 7_000_000
        }
        change(&run)
        var document = run.document()
        document.plan.shard = RunDocument.Plan.Shard(index: index, count: count, startAt: Self.start)
        document.plan.requests = 20
        return document
    }

    private func merge(_ shards: [RunDocument]) throws -> RunDocument {
        try RunMerge(of: shards.enumerated().map { ("shard-\($0)", $1) }).document(id: "whole")
    }

    @Test func `a round is the union of its shards, counted from the earliest go`() throws {
        let (first, second) = (shard(1, of: 2), shard(2, of: 2, late: 30) { $0.seed = 42 })
        let whole = try merge([second, first])
        #expect(whole.rounds.count == first.rounds.count)
        for (index, round) in whole.rounds.enumerated() {
            let (one, two) = (first.rounds[index].record, second.rounds[index].record)
            #expect(round.record.started == one.started)
            #expect(round.summary.uploads == 20)
            #expect(round.record.makespan == max(one.makespan, two.makespan + 30_000_000))
            let times = (one.samples.map(\.done) + two.samples.map { $0.done + 30_000_000 }).sorted()
            #expect(round.record.samples.map(\.done).sorted() == times)
            #expect(abs(round.summary.throughput - 20 / (Double(round.record.makespan) / 1e9)) < 1e-9)
            // Response times are each upload's own, so the percentiles are those of both together.
            let own = (one.samples.map(\.responseTime) + two.samples.map(\.responseTime)).sorted()
            #expect(round.summary.response?.value(.p50) == Percentile.p50.value(in: own))
            #expect(round.record.probes.count == one.probes.count + two.probes.count)
            #expect(Set(round.record.samples.map(\.connection)).count == 20)
            #expect(round.record.client.processorTime == 14_000_000)
            #expect(round.record.burst?.lastSent == 34_300_000)
            #expect((11...20).contains(round.record.burst?.peakInFlight ?? 0))
        }
        #expect(whole.plan.shard == nil)
        #expect(whole.plan.arguments == ["run", "sample.pdf", "20", "--seed", "42"])
        #expect(whole.environment.map(\.shard) == [1, 2])
        #expect(whole.shards.map(\.index) == [1, 2] && whole.shards.map(\.late) == [0, 30_000_000])
        let report = TextReport(of: whole, style: TerminalStyle(), checks: [], written: nil).text
        #expect(report.contains("shard 1 of 2 started first"))
        #expect(report.contains("shard 2 of 2 started 30.0 ms late"))
    }

    @Test func `the charts of a merged run tell of all its shards`() throws {
        // Each shard keeps how many are in flight in all.
        let shards = [0, 1].map { place in shard(place + 1, of: 2) { $0.concurrency = 20 } }
        let whole = try merge(shards)
        let texts = ChartSet(of: whole, digest: nil).charts.map(\.altText)
        let result = try #require(whole.result(.throughput, of: "async", at: whole.loads[0]))
        #expect(
            texts[0].hasPrefix("Bar chart. async vs blocking, 20 uploads at once of a 945 kB PDF, 6 rounds: ")
        )
        #expect(texts[0].contains("throughput \(FixedPoint.significant(result.level.value)) vs "))
        #expect(texts[1].hasPrefix("Waterfall of 20 uploads. "))
        let timeline = try #require(texts.first { $0.hasPrefix("Timeline of 20 uploads sent at t = 0, ") })
        #expect(timeline.contains("blocking: 20 done from "))
    }

    @Test func `a closed loop and an open one are joined over their windows`() throws {
        for mode in [RunDocument.Plan.Mode.closed, .open] {
            func part(_ index: Int, late: Int64) -> RunDocument {
                var document = shard(index, of: 2, late: late) { run in
                    run.mode = mode
                    run.editRound = { round in
                        round.started.nanosecondsSince1970 += late * 1_000_000
                        round.window = 200_000_000
                    }
                }
                document.plan.durationSeconds = 0.2
                return document
            }
            let (first, second) = (part(1, late: 0), part(2, late: 30))
            let whole = try merge([first, second])
            #expect(whole.plan.mode == mode && whole.plan.requests == 20)
            for (index, round) in whole.rounds.enumerated() {
                #expect(round.record.window == 230_000_000 && round.record.burst == nil)
                let counted = round.summary.succeeded - round.summary.drained
                #expect(abs(round.summary.throughput - Double(counted) / 0.23) < 1e-9)
                // Every probe keeps its time, counted from the earliest go.
                let (one, two) = (first.rounds[index].record.probes, second.rounds[index].record.probes)
                let expected = one.map(\.done) + two.map { $0.done + 30_000_000 }
                #expect(round.record.probes.map(\.done) == expected)
            }
        }
    }

    @Test func `a merged run is compared as any other`() throws {
        let whole = try RunDocument(json: merge([shard(1, of: 2), shard(2, of: 2)]).json())
        let other = try RunDocument(
            json: merge([shard(1, of: 2) { $0.seed = 5 }, shard(2, of: 2) { $0.seed = 5 }]).json()
        )
        let comparison = try RunComparison(of: whole, with: other)
        #expect(comparison.pairs.map(\.after) == ["blocking", "async"])
        #expect(comparison.isComparable && comparison.warnings.isEmpty)
        let report = ComparisonReport(of: comparison).text(style: TerminalStyle())
        #expect(report.contains("VERDICT"))
    }

    @Test func `a merged run is read as it was written`() throws {
        let whole = try merge([shard(1, of: 2), shard(2, of: 2, late: 400)])
        let json = try whole.json()
        let read = try RunDocument(json: json)
        #expect(read == whole)
        #expect(try read.json() == json)
        #expect(read.warnings.contains { $0.code == .shardsApart })
    }

    @Test func `shards that hardly overlap are told`() throws {
        #expect(
            try !merge([shard(1, of: 2), shard(2, of: 2, late: 10)]).warnings.contains {
                $0.code == .shardsApart
            }
        )
        let apart = try merge([shard(1, of: 3), shard(2, of: 3, late: 5), shard(3, of: 3, late: 100)])
        let text = try #require(apart.warnings.first { $0.code == .shardsApart }?.text)
        #expect(text.wholeMatch(of: /the rounds of shards 1 and 3 overlap by \d\d %/) != nil)
    }

    @Test func `blocks of loops keep their shard, by their loop, and their place`() throws {
        func watched(_ index: Int) -> RunDocument {
            shard(index, of: 2) { run in
                run.stacks = [BlockedPlace(blame: "f\(index)", callee: nil, frames: ["f\(index)"])]
                run.editRound = { round in
                    round.loops = LoopActivity(
                        threshold: 10_000_000,
                        watched: 1,
                        blocked: 20_000_000,
                        worst: 20_000_000,
                        count: 1,
                        notScheduled: 0,
                        truncated: 0,
                        blocks: [
                            LoopBlockSample(
                                loop: 0,
                                start: 0,
                                duration: 20_000_000,
                                cpu: -1,
                                waiting: -1,
                                notScheduled: -1,
                                stack: 0
                            )
                        ]
                    )
                }
            }
        }
        let whole = try merge([watched(1), watched(2)])
        let loops = try #require(whole.rounds.last?.record.loops)
        #expect(loops.watched == 2 && loops.count == 2 && loops.blocked == 40_000_000)
        #expect(loops.blocks.map(\.loop) == [0, 1])
        #expect(loops.blocks.map { whole.stacks[Int($0.stack)].blame } == ["f1", "f2"])
    }

    @Test func `the worst verdict counts, with the shard that gave it`() throws {
        let late = shard(2, of: 2) { run in
            run.validity = Validity(verdict: .suspect, reasons: ["the client was late"])
            run.interrupted = "SIGTERM"
        }
        let whole = try merge([shard(1, of: 2), late])
        #expect(whole.validity == Validity(verdict: .suspect, reasons: ["shard 2: the client was late"]))
        #expect(whole.interrupted == "SIGTERM")
    }

    @Test func `a round that a shard lacks is left out`() throws {
        var short = shard(2, of: 2)
        short.rounds.removeLast()
        #expect(try merge([shard(1, of: 2), short]).rounds.count == short.rounds.count)
    }

    @Test func `what is no whole set of shards is refused`() throws {
        func refused(_ shards: [RunDocument]) -> String? {
            let error = #expect(throws: ReportError.self) { try merge(shards) }
            #expect(error?.isUsage == true)
            return error?.message
        }
        #expect(
            refused([shard(1, of: 4), shard(2, of: 4), shard(4, of: 4)])
                == "merge needs all 4 shards; 3 is missing"
        )
        #expect(refused([shard(2, of: 4)]) == "merge needs all 4 shards; 1, 3 and 4 are missing")
        #expect(refused([shard(1, of: 2), shard(1, of: 2)]) == "shard 1 is given twice: shard-0 and shard-1")
        #expect(
            refused([shard(1, of: 2), shard(2, of: 3)]) == "shard-1 is one of 3 shards, shard-0 one of 2"
        )
        var whole = shard(1, of: 2)
        whole.plan.shard = nil
        #expect(refused([whole]) == "shard-0 is a whole run, not a shard of one")
        var other = shard(2, of: 2)
        other.plan.rounds = 7
        #expect(
            refused([shard(1, of: 2), other])
                == "shard-0 and shard-1 are shards of different runs: rounds: 6 → 7"
        )
        other = shard(2, of: 2)
        other.plan.shard?.startAt.nanosecondsSince1970 += 1_000_000_000
        #expect(
            refused([shard(1, of: 2), other])?.hasSuffix(
                "start at 2026-11-22T15:40:00.000Z → 2026-11-22T15:40:01.000Z"
            ) == true
        )
        other = shard(2, of: 2)
        other.plan.seed = 43
        #expect(
            refused([shard(1, of: 2), other])?.hasSuffix("their plans or targets are not the same") == true
        )
    }

    @Test func `a shard without samples can't be joined`() throws {
        var empty = shard(2, of: 2)
        for index in empty.rounds.indices { empty.rounds[index].record.samples = [] }
        let error = #expect(throws: ReportError.self) { try merge([shard(1, of: 2), empty]) }
        #expect(
            error?.message == "shard-1 kept no samples, so its rounds can't be joined"
                && error?.isUsage == false
        )
    }
}
