import BenchReport
import Foundation
import Measurements
import Testing

struct RunDocumentLoopsTests {
    private static let small = SampleLoops.run { run in
        run.uploads = 4
        run.rounds = 2
        run.warmup = 0
    }.document()

    @Test func `blocks and their places are read as they were written`() throws {
        let first = try Self.small.json()
        let document = try RunDocument(json: first)
        #expect(document == Self.small)
        #expect(document.stacks == SampleLoops.places)
        #expect(document.rounds[0].record.loops?.blocks.count == 40)
        #expect(try document.json() == first)
    }

    @Test func `without its table of places a block is somewhere`() throws {
        let text = String(decoding: try Self.small.json(), as: UTF8.self)
        let document = try RunDocument(json: Array(text.replacing("\"stacks\":[", with: "\"x\":[").utf8))
        let blocks = document.rounds.compactMap(\.record.loops).flatMap(\.blocks)
        #expect(!blocks.isEmpty && blocks.allSatisfy { $0.stack == LoopBlockSample.noStack })
    }

    @Test func `packed columns hold the blocks that arrays hold`() throws {
        let document = SampleLoops.run { run in
            run.uploads = 6000
            run.rounds = 2
            run.warmup = 0
        }.document()
        let packed = try document.json()
        #expect(String(decoding: packed, as: UTF8.self).contains("\"stack\":\"p1:"))
        #expect(try RunDocument(json: packed) == document)
    }

    @Test func `a round that nobody watched says that nothing is known`() throws {
        var run = SampleRun()
        run.uploads = 4
        let text = String(decoding: try run.document().json(), as: UTF8.self)
        #expect(text.contains("\"loops\":null") && !text.contains("\"loops\":{"))
        #expect(text.contains("\n \"stacks\":[],\n"))
    }

    @Test func `time that the system does not tell stays unknown`() throws {
        let document = SampleLoops.run { run in
            run.uploads = 4
            run.editRound = { round in
                let block = LoopBlockSample(
                    loop: 1,
                    start: 0,
                    duration: 20_000_000,
                    cpu: Sample.absent,
                    waiting: Sample.absent,
                    notScheduled: Sample.absent
                )
                round.loops = LoopActivity(threshold: 1, watched: 2, notScheduled: 0, all: [block])
            }
        }.document()
        let loops = try #require(RunDocument(json: try document.json()).rounds.first?.record.loops)
        #expect(loops.blocks.first?.cpu == Sample.absent)
        #expect(loops.blocks.first?.stack == LoopBlockSample.noStack)
        #expect(loops.blocked == 20_000_000)
    }

    @Test(arguments: [
        ("\"stack\":[0", "\"stack\":[3", "rounds[0] (blocking): stack[0] is 3"),
        ("\"stack\":[0", "\"stack\":[-2", "rounds[0] (blocking): stack[0] is -2"),
        ("\"loop\":[0", "\"loop\":[-1", "rounds[0] (blocking): loop[0] is -1"),
        (
            "\"blocks\":{", "\"blocks\":{\"cpu_ns\":[-2],",
            "rounds[0] (blocking) has 40 blocks but 1 values in cpu_ns"
        ),
        (
            "\"waiting_ns\":[", "\"waiting_ns\":[-2,",
            "rounds[0] (blocking) has 40 blocks but 41 values in waiting_ns"
        ),
        ("\"count\":40", "\"count\":-40", "rounds[0].loops.count is not a whole number"),
        ("\"count\":40", "\"count\":39", "rounds[0] (blocking) has 39 blocks but 40 values in loop"),
        ("\"truncated\":0", "\"truncated\":41", "rounds[0].loops.truncated is more than its count"),
        ("\"truncated\":0", "\"truncated\":-1", "rounds[0].loops.truncated is not a whole number"),
        ("\"watched\":1", "\"watched\":-1", "rounds[0].loops.watched is not a whole number"),
        (
            "\"watched\":1", "\"watched\":9007199254740992",
            "rounds[0].loops.watched is not a whole number up to 1099511627776"
        ),
        ("\"watched\":1", "\"watched\":0.5", "rounds[0].loops.watched is not a whole number"),
        ("\"blocked_s\":", "\"blocked_s\":-1,\"x\":", "rounds[0].loops.blocked_s is not a length of time"),
        ("\"worst_s\":", "\"worst_s\":1e9,\"x\":", "rounds[0].loops.worst_s is not a length of time"),
        ("\"loops\":{", "\"loops\":7,\"x\":{", "rounds[0].loops is not an object"),
        ("\"blame\":\"", "\"blame\":7,\"x\":\"", "stacks[0].blame is not a text"),
        ("\"frames\":[", "\"frames\":[null,", "stacks[0].frames[0] is not a text"),
        ("\"stacks\":[", "\"stacks\":{},\"x\":[", "stacks is not an array"),
    ])
    func `damage is named`(_ text: String, _ replacement: String, _ reason: String) throws {
        let json = String(decoding: try Self.small.json(), as: UTF8.self)
        let damaged = json.replacing(text, with: replacement, maxReplacements: 1)
        #expect(damaged != json)
        #expect(throws: DocumentFault.damaged(reason: reason)) { try RunDocument(json: Array(damaged.utf8)) }
    }

    @Test(arguments: [
        "rounds[0].loops.threshold_s", "rounds[0].loops.watched", "rounds[0].loops.blocked_s",
        "rounds[0].loops.worst_s", "rounds[0].loops.count", "rounds[0].loops.not_scheduled_s",
        "rounds[0].loops.truncated", "rounds[0].loops.blocks", "rounds[0].loops.blocks.loop",
        "rounds[0].loops.blocks.stack", "stacks[0].blame", "stacks[0].callee", "stacks[0].frames",
    ])
    func `what is missing of a loop's record is named`(_ path: String) throws {
        let name = try #require(path.split(separator: ".").last)
        let json = String(decoding: try Self.small.json(), as: UTF8.self)
        // The keys of loops stand in a round before any of the same name elsewhere in it.
        let loops = try #require(json.range(of: path.hasPrefix("stacks") ? "\"stacks\":" : "\"loops\":"))
        let key = try #require(json.range(of: "\"\(name)\":", range: loops.upperBound..<json.endIndex))
        let cut = json.replacingCharacters(in: key, with: "\"moon\":")
        #expect(throws: DocumentFault.lacks(path: path)) { try RunDocument(json: Array(cut.utf8)) }
    }

    @Test func `times at their limits add up without a trap`() throws {
        let longest = Int64(1) << 50
        let document = SampleLoops.run { run in
            run.uploads = 1
            run.rounds = 12
            run.editRound = { round in
                let block = LoopBlockSample(
                    loop: 0,
                    start: 0,
                    duration: longest,
                    cpu: longest,
                    waiting: 0,
                    notScheduled: 0,
                    stack: 0
                )
                round.loops = LoopActivity(
                    threshold: 1,
                    watched: 1 << 40,
                    blocked: longest,
                    worst: longest,
                    count: 2000,
                    notScheduled: longest,
                    truncated: 0,
                    blocks: Array(repeating: block, count: 2000)
                )
            }
        }.document()
        let read = try RunDocument(json: try document.json())
        #expect(read == document)
        #expect(!TextReport(of: read, style: TerminalStyle(), checks: [], written: nil).text.isEmpty)
    }
}
