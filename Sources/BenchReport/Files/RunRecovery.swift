import Glibc
import Measurements

/// Makes the document of a run that ended without one: whole blocks only.
enum RunRecovery {
    /// Reads what a run left.
    ///
    /// - Parameters:
    ///   - folder: The results folder.
    ///   - files: The file system.
    /// - Returns: The document, interrupted by a crash; nil where no run left anything.
    /// - Throws: ``ReportError/stillMeasured(path:)`` while the run goes on, or another ``ReportError``.
    static func document(in folder: String, files: FileSystem) throws(ReportError) -> RunDocument? {
        let path = "\(folder)/\(RunPart.name)"
        guard !SpoolFile.isHeld(path) else { throw .stillMeasured(path: folder) }
        guard let bytes = try files.read(path, limit: RunDocument.largestBytes) else { return nil }
        let texts = RunPart.texts(in: bytes)
        guard let first = texts.first(where: { _ in true }) else { throw .noCompleteRound(path: folder) }
        do throws(DocumentFault) {
            let head = try RunDocument(json: Array(first))
            let notes = try Self.notes(texts.dropFirst())
            let whole = wholeBlocks(notes, targets: head.targets.count)
            guard !whole.isEmpty else { throw .noRounds }
            try RunDocument.check(whole.map(\.round), of: head.targets)
            return try document(head, whole, names: notes.last?.names ?? [], folder: folder, files: files)
        } catch .noRounds {
            throw .noCompleteRound(path: folder)
        } catch {
            throw .document(path: path, fault: error)
        }
    }

    /// A round and where its uploads lie.
    private struct Note {
        var extent: SampleSpool.Extent
        var names: [String]
        var round: RunDocument.Round
    }

    /// The notes up to the first that was cut off.
    private static func notes(_ texts: some Sequence<ArraySlice<UInt8>>) throws(DocumentFault) -> [Note] {
        var notes: [Note] = []
        for text in texts {
            let reader = RoundReader(outcomes: Outcome.allCases, stacks: 0, bytes: text.count)
            // A text that is cut off is the last: the run ended while it was written.
            guard let value = try? JSONParser.parse(Array(text)) else { break }
            let node = DocumentNode(value: value, path: "")
            let names = try node.field("names").elements().map { name throws(DocumentFault) in try name.text()
            }
            let extent = SampleSpool.Extent(
                offset: try node.field("offset").count(),
                places: try node.field("places").count(),
                uploads: try node.field("uploads").count()
            )
            notes.append(Note(extent: extent, names: names, round: try reader.round(try node.field("round"))))
        }
        return notes
    }

    /// The rounds of whole blocks; of a block that was measured again the last whole attempt.
    private static func wholeBlocks(_ notes: [Note], targets: Int) -> [Note] {
        struct Block: Hashable {
            let isWarmup: Bool
            let load: Load
            let index: Int
        }
        func block(_ note: Note) -> Block {
            let record = note.round.record
            return Block(isWarmup: record.isWarmup, load: record.load, index: record.index)
        }
        let attempts = Dictionary(grouping: notes, by: block).mapValues { notes in
            Dictionary(grouping: notes, by: \.round.record.attempt).filter { $0.value.count == targets }.keys
                .max()
        }
        return notes.filter { note in attempts[block(note)] == note.round.record.attempt }
    }

    private static func document(
        _ head: RunDocument,
        _ notes: [Note],
        names: [String],
        folder: String,
        files: FileSystem
    ) throws(DocumentFault) -> RunDocument {
        let spool: SampleSpool?
        do throws(ReportError) {
            spool = try SampleSpool(opening: folder, names: names, files: files)
        } catch {
            // Without the uploads the sums of each round are left.
            spool = nil
        }
        let rounds = notes.map { note -> RunDocument.Round in
            var round = note.round
            // Of uploads that were lost in part the sums are left, too.
            if let spool, note.extent.places <= RunDocument.mostSamples, spool.holds(note.extent) {
                round.record.samples = spool.sequence(note.extent)
            }
            return RunDocument.Round(round.record, summary: note.round.summary)
        }.map { round in
            round.hasSamples ? RunDocument.Round(round.record) : round
        }
        let last = rounds.last.map { round in
            Timestamp(
                nanosecondsSince1970: round.record.started.nanosecondsSince1970 + round.record.makespan
            )
        }
        return RunDocument(
            id: head.id,
            tool: head.tool,
            started: head.started,
            finished: last ?? head.finished,
            interrupted: "crash",
            validity: validity(of: rounds.map(\.record).filter { !$0.isWarmup }),
            environment: head.environment,
            plan: head.plan,
            targets: head.targets,
            summarised: rounds,
            firstAnswers: [],
            stacks: [],
            thresholds: []
        )
    }

    /// The verdict on the measured rounds, as a run that ends itself gives it: INVALID if over a fifth of any
    /// target's rounds are, or no block is left.
    private static func validity(of measured: [RoundRecord]) -> Validity {
        var reasons: [String] = []
        for reason in measured.filter({ $0.validity.verdict != .valid }).flatMap(\.validity.reasons)
        where !reasons.contains(reason) {
            reasons.append(reason)
        }
        func isInvalid(_ record: RoundRecord) -> Bool { record.validity.verdict == .invalid }
        let isTargetLost = Dictionary(grouping: measured, by: \.target).values.contains { rounds in
            rounds.count(where: isInvalid) * 5 > rounds.count
        }
        let blocks = Dictionary(grouping: measured, by: \.block).values
        let isBlockLeft = blocks.contains { !$0.contains(where: isInvalid) }
        if !measured.isEmpty, isTargetLost || !isBlockLeft {
            return Validity(verdict: .invalid, reasons: reasons)
        }
        let isSound = measured.allSatisfy { $0.validity.verdict == .valid }
        return Validity(verdict: isSound ? .valid : .suspect, reasons: reasons)
    }

    /// Removes what a run left, once its document is in place.
    static func removeParts(of folder: String) {
        for name in [RunPart.name, SampleSpool.samplesName, SampleSpool.stagesName] {
            unlink("\(folder)/\(name)")
        }
    }
}
