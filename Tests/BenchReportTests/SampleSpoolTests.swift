import BenchReport
import Foundation
import Measurements
import Testing

struct SampleSpoolTests {
    private func uploads(_ count: Int, seed: UInt64 = 3) -> [PlacedSample] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { place in
            var sample = Sample(intended: Int64(place), file: 1)
            sample.sent = sample.intended + Int64(random.below(1000))
            sample.done = sample.sent + Int64(random.below(100_000))
            sample.outcome = place % 7 == 0 ? .closedDuringUpload : .ok
            sample.status = 200
            sample.bytesOut = Int64(random.below(1 << 30))
            for stage in 0..<Int(random.below(5)) {
                sample.stages.append(
                    StageTiming(
                        name: "stage-\(stage)",
                        start: Int64(stage),
                        duration: Int64(random.below(99))
                    )
                )
            }
            return PlacedSample(sequence: place, sample: sample)
        }
    }

    @Test func `uploads come back in order, however they ended, round by round`() throws {
        let folder = try TemporaryFolder()
        let spool = try SampleSpool(in: ResultsFolder(at: folder.path, files: .real), files: .real)
        var kept: [(SampleSequence, [Sample])] = []
        for round in 0..<3 {
            let uploads = uploads(3000, seed: UInt64(round))
            // Uploads that end late arrive in a later batch than their neighbours.
            let late = uploads.filter { $0.sequence % 11 == round }
            try spool.keep(uploads.filter { $0.sequence % 11 != round })
            try spool.keep(late)
            kept.append((spool.endRound(), uploads.map(\.sample)))
        }
        for (sequence, samples) in kept {
            #expect(sequence == SampleSequence(samples))
            #expect(Array(sequence) == samples, "reading again")
        }
        #expect(spool.readFailure == nil)
        spool.remove()
        #expect(try folder.names().isEmpty)
        #expect(Array(kept[1].0) == kept[1].1, "what is open stays readable")
    }

    @Test func `places that nothing was kept at are passed over`() throws {
        let folder = try TemporaryFolder()
        let spool = try SampleSpool(in: ResultsFolder(at: folder.path, files: .real), files: .real)
        let some = uploads(4000).filter { $0.sequence < 10 || $0.sequence > 3000 }
        try spool.keep(some)
        let sequence = spool.endRound()
        #expect(sequence.count == some.count)
        #expect(Array(sequence) == some.map(\.sample))
        #expect(Array(spool.endRound()).isEmpty, "a round without uploads")
    }

    @Test func `a full disk is told by the folder's name`() throws {
        let folder = try TemporaryFolder()
        let files = FileSystem { $0 == .write ? ENOSPC : 0 }
        let spool = try SampleSpool(in: ResultsFolder(at: folder.path, files: .real), files: files)
        #expect(throws: SampleStoreError(message: "\(folder.path): no space left")) {
            try spool.keep(uploads(1))
        }
    }

    @Test func `a file that was cut under a run is no end of it`() throws {
        let folder = try TemporaryFolder()
        let spool = try SampleSpool(in: ResultsFolder(at: folder.path, files: .real), files: .real)
        try spool.keep(uploads(1000))
        let sequence = spool.endRound()
        truncate("\(folder.path)/samples.part", 5000)
        #expect(Array(sequence).isEmpty)
        #expect(spool.readFailure == .file(path: "\(folder.path)/samples.part", code: EIO))
    }

    /// Leaves what a killed run would leave; the document that the rounds belong to.
    private func crash(_ run: SampleRun, in folder: TemporaryFolder, rounds: Int) throws -> RunDocument {
        var head = run.document()
        let records = Array(run.records().prefix(rounds))
        head.rounds = []
        head.interrupted = "crash"
        try leave(records, of: head, in: folder)
        return run.document()
    }

    /// Leaves rounds, and the beginning of one that was under way; the run goes on while its part is kept.
    @discardableResult
    private func leave(
        _ records: [RoundRecord],
        of head: RunDocument,
        in folder: TemporaryFolder
    ) throws -> RunPart {
        let place = ResultsFolder(at: folder.path, files: .real)
        let spool = try SampleSpool(in: place, files: .real)
        let part = try RunPart(of: head, in: place, spool: spool, files: .real)
        for record in records {
            try spool.keep(record.samples.enumerated().map { PlacedSample(sequence: $0, sample: $1) })
            _ = spool.endRound()
            try part.note(record)
        }
        // A round that was under way.
        try spool.keep(uploads(3))
        return part
    }

    @Test func `a run that goes on is left alone`() throws {
        let folder = try TemporaryFolder()
        var run = SampleRun()
        run.uploads = 3
        run.rounds = 1
        var head = run.document()
        head.rounds = []
        let left = ["run.part", "samples.part", "stages.part"]
        var part: RunPart? = try leave(run.records(), of: head, in: folder)
        #expect(throws: ReportError.stillMeasured(path: folder.path)) {
            try ResultsFolder.readRun(at: folder.path, files: .real)
        }
        #expect(try folder.names().sorted() == left)
        withExtendedLifetime(part) {}
        part = nil
        _ = try ResultsFolder.readRun(at: folder.path, files: .real)
        #expect(try folder.names() == ["run.json"])
    }

    @Test(arguments: [(1, Validity.Verdict.suspect), (2, .invalid), (5, .invalid)])
    func `what a crash leaves is INVALID where over a fifth of a target's rounds are`(
        count: Int,
        verdict: Validity.Verdict
    ) throws {
        let folder = try TemporaryFolder()
        var run = SampleRun()
        (run.uploads, run.rounds, run.warmup) = (3, 5, 0)
        run.editRound = { round in
            guard round.index < count, round.target == "async" else { return }
            round.validity = Validity(verdict: .invalid, reasons: ["steal 40.0 %"])
        }
        _ = try crash(run, in: folder, rounds: 10)
        let document = try ResultsFolder.readRun(at: folder.path, files: .real).document
        #expect(document.validity == Validity(verdict: verdict, reasons: ["steal 40.0 %"]))
    }

    @Test func `a round whose uploads were cut off keeps its sums`() throws {
        let folder = try TemporaryFolder()
        var run = SampleRun()
        (run.uploads, run.rounds, run.warmup) = (3, 2, 0)
        let whole = try crash(run, in: folder, rounds: 4)
        truncate("\(folder.path)/samples.part", 500)
        let document = try ResultsFolder.readRun(at: folder.path, files: .real).document
        #expect(document.rounds.map(\.summary.uploads) == [3, 3, 3, 3])
        #expect(document.rounds.map(\.summary.succeeded) == whole.rounds.map(\.summary.succeeded))
        #expect(document.rounds.last?.hasSamples == false)
    }

    @Test func `a spool whose second file can't be made leaves no first`() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(filePath: "\(folder.path)/stages.part"))
        #expect(throws: ReportError.file(path: folder.path, code: EEXIST)) {
            try SampleSpool(in: ResultsFolder(at: folder.path, files: .real), files: .real)
        }
        #expect(try folder.names() == ["stages.part"])
    }

    @Test func `what a crash leaves makes a document of its whole blocks`() throws {
        let folder = try TemporaryFolder()
        var run = SampleRun()
        run.uploads = 20
        run.rounds = 7
        // One warm-up block, three blocks and the first round of a fourth.
        let whole = try crash(run, in: folder, rounds: 9)
        let (document, _, _) = try ResultsFolder.readRun(at: folder.path, files: .real)
        #expect(document.rounds == Array(whole.rounds.prefix(8)))
        #expect(document.interrupted == "crash")
        #expect(document.warnings.first?.text == "PARTIAL: 3 of 7 blocks: crash")
        #expect(try folder.names() == ["run.json"])
        let again = try ResultsFolder.readRun(at: folder.path, files: .real)
        #expect(again.document == document)
    }

    @Test func `every cut of the notes gives whole blocks or a sentence`() throws {
        let folder = try TemporaryFolder()
        var run = SampleRun()
        (run.uploads, run.rounds, run.warmup, run.names) = (1, 2, 0, ["x"])
        (run.hasProbe, run.hasStages) = (false, false)
        _ = try crash(run, in: folder, rounds: 2)
        let names = try folder.names()
        let whole = try names.map { try folder.bytes($0) }
        let notes = try folder.bytes("run.part")
        let starts = notes.indices.filter { notes[$0] == 0x1E }
        var blocks: [Int: Int] = [:]
        for end in 0...notes.count {
            for (name, bytes) in zip(names, whole) where name != "run.part" && end >= starts[2] - 1 {
                try Data(bytes).write(to: URL(filePath: "\(folder.path)/\(name)"))
            }
            try Data(notes[..<end]).write(to: URL(filePath: "\(folder.path)/run.part"))
            do throws(ReportError) {
                let document = try ResultsFolder.readRun(at: folder.path, files: .real).document
                blocks[document.rounds.count, default: 0] += 1
                #expect(document.rounds.allSatisfy { $0.hasSamples })
                unlink("\(folder.path)/run.json")
            } catch {
                let head = "\(folder.path)/run.part ends early, after \(max(0, end - 1)) bytes"
                let isSaid = [head, "no complete round: nothing to report"].contains(error.message)
                #expect(isSaid, "\(end): \(error.message)")
                blocks[0, default: 0] += 1
                #expect(try folder.names() == names)
            }
        }
        // The line break at the end of a text is not needed.
        #expect(blocks == [0: starts[2] - 1, 1: notes.count - 1 - (starts[2] - 1), 2: 2])
    }

    /// Changes numbers in what is left, and gives the document that is made of it.
    private func left(_ text: String, _ other: String) throws -> (RunDocument?, ReportError?) {
        let folder = try TemporaryFolder()
        var run = SampleRun()
        (run.uploads, run.rounds, run.warmup, run.names) = (2, 1, 0, ["x"])
        _ = try crash(run, in: folder, rounds: 1)
        let notes = try folder.text("run.part")
        let changed = notes.replacing(text, with: other)
        #expect(changed != notes)
        try Data(changed.utf8).write(to: URL(filePath: "\(folder.path)/run.part"))
        do throws(ReportError) {
            return (try ResultsFolder.readRun(at: folder.path, files: .real).document, nil)
        } catch {
            #expect(try folder.names() == ["run.part", "samples.part", "stages.part"])
            return (nil, error)
        }
    }

    @Test(arguments: [
        ("\"places\":2", "\"places\":1099511627776"), ("\"places\":2", "\"places\":3"),
        ("\"places\":2", "\"places\":0"), ("\"offset\":0", "\"offset\":1099511627776"),
        ("\"offset\":0", "\"offset\":7"), ("\"uploads\":2", "\"uploads\":1"),
    ])
    func `uploads that do not lie where they should leave their sums`(_ text: String, _ other: String) throws
    {
        let (document, error) = try left(text, other)
        #expect(error == nil)
        let round = try #require(document?.rounds.first)
        #expect(round.summary.uploads == 2 && !round.hasSamples)
    }

    @Test(arguments: [
        ("\"places\":2", "\"places\":1099511627777", "places is not a whole number up to 1099511627776"),
        ("\"uploads\":2", "\"uploads\":-1", "uploads is not a whole number"),
        ("\"target\":\"x\"", "\"target\":\"y\"", "rounds[0].target is not one of the targets"),
        ("\"ok\":2", "\"ok\":9007199254740993", "round.counts.ok is not a whole number up to 1073741824"),
        ("\"names\":[", "\"names\":[7,", "names[0] is not a text"),
    ])
    func `notes that can't be are named, and nothing is lost`(
        _ text: String,
        _ other: String,
        _ reason: String
    ) throws {
        let (document, error) = try left(text, other)
        #expect(document == nil)
        #expect(
            error?.message.hasSuffix("/run.part is damaged: \(reason)") == true,
            "\(error?.message ?? "")"
        )
    }

    /// Sums of such times, and places of such stages, used to trap.
    @Test(arguments: [0, 8, 32, 56, 72, 76, 80, 88])
    func `uploads that can't be are none`(_ place: Int) throws {
        let folder = try TemporaryFolder()
        var run = SampleRun()
        (run.uploads, run.rounds, run.warmup, run.names) = (2, 1, 0, ["x"])
        _ = try crash(run, in: folder, rounds: 1)
        var samples = try folder.bytes("samples.part")
        let isShort = (72..<88).contains(place)
        for byte in 0..<(isShort ? 4 : 8) { samples[place + byte] = byte % 4 == 3 ? 0xBF : 0xFE }
        try Data(samples).write(to: URL(filePath: "\(folder.path)/samples.part"))
        let round = try #require(ResultsFolder.readRun(at: folder.path, files: .real).document.rounds.first)
        #expect(round.summary.uploads == 2 && !round.hasSamples)
    }

    @Test func `a block that was measured again counts once, by its last whole attempt`() throws {
        let folder = try TemporaryFolder()
        var run = SampleRun()
        run.uploads = 3
        run.rounds = 1
        run.warmup = 0
        let first = run.records()
        run.seed = 7
        let second = run.records().map { record in
            var record = record
            record.attempt = 2
            record.discarded = ["swapping"]
            return record
        }
        var head = run.document()
        head.rounds = []
        try leave(first + second, of: head, in: folder)
        let document = try ResultsFolder.readRun(at: folder.path, files: .real).document
        #expect(document.rounds.map(\.record) == second)
    }
}
