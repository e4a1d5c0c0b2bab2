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
        return run.document()
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
        run.uploads = 3
        run.rounds = 2
        run.hasProbe = false
        _ = try crash(run, in: folder, rounds: 6)
        let notes = try folder.bytes("run.part")
        let (samples, stages) = (try folder.bytes("samples.part"), try folder.bytes("stages.part"))
        var blocks: Set<Int> = []
        for end in stride(from: 1, through: notes.count, by: 97) {
            let cut = try TemporaryFolder()
            for (name, bytes) in [
                ("run.part", Array(notes[..<end])), ("samples.part", samples), ("stages.part", stages),
            ] {
                try Data(bytes).write(to: URL(filePath: "\(cut.path)/\(name)"))
            }
            do throws(ReportError) {
                blocks.insert(try ResultsFolder.readRun(at: cut.path, files: .real).document.rounds.count)
            } catch {
                #expect(!error.message.isEmpty)
                blocks.insert(0)
            }
        }
        #expect(blocks.isSuperset(of: [0, 2, 4]))
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
        let place = ResultsFolder(at: folder.path, files: .real)
        let spool = try SampleSpool(in: place, files: .real)
        var head = run.document()
        head.rounds = []
        let part = try RunPart(of: head, in: place, spool: spool, files: .real)
        for record in first + second {
            try spool.keep(record.samples.enumerated().map { PlacedSample(sequence: $0, sample: $1) })
            _ = spool.endRound()
            try part.note(record)
        }
        let document = try ResultsFolder.readRun(at: folder.path, files: .real).document
        #expect(document.rounds.map(\.record) == second)
    }
}
