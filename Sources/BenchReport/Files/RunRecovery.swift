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
    /// - Throws: ``ReportError``.
    static func document(in folder: String, files: FileSystem) throws(ReportError) -> RunDocument? {
        let path = "\(folder)/\(RunPart.name)"
        guard let bytes = try files.read(path, limit: RunDocument.largestBytes) else { return nil }
        let texts = RunPart.texts(in: bytes)
        guard let first = texts.first else { throw .noCompleteRound(path: folder) }
        do throws(DocumentFault) {
            let head = try RunDocument(json: Array(first))
            let notes = try Self.notes(texts.dropFirst())
            let whole = wholeBlocks(notes, targets: head.targets.count)
            guard !whole.isEmpty else { throw .noRounds }
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
        let reader = RoundReader(outcomes: Outcome.allCases, stacks: 0)
        for text in texts {
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
            let concurrency: Int
            let index: Int
        }
        func block(_ note: Note) -> Block {
            let record = note.round.record
            return Block(isWarmup: record.isWarmup, concurrency: record.concurrency, index: record.index)
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
            if let spool { round.record.samples = spool.sequence(note.extent) }
            return RunDocument.Round(round.record, summary: note.round.summary)
        }.map { round in
            round.hasSamples ? RunDocument.Round(round.record) : round
        }
        let last = rounds.last.map { round in
            Timestamp(
                nanosecondsSince1970: round.record.started.nanosecondsSince1970 + round.record.makespan
            )
        }
        let doubtful = rounds.filter { !$0.record.isWarmup && $0.record.validity.verdict != .valid }
        var reasons: [String] = []
        for reason in doubtful.flatMap(\.record.validity.reasons) where !reasons.contains(reason) {
            reasons.append(reason)
        }
        return RunDocument(
            id: head.id,
            tool: head.tool,
            started: head.started,
            finished: last ?? head.finished,
            interrupted: "crash",
            validity: Validity(verdict: doubtful.isEmpty ? .valid : .suspect, reasons: reasons),
            environment: head.environment,
            plan: head.plan,
            targets: head.targets,
            summarised: rounds,
            firstAnswers: [],
            stacks: [],
            thresholds: []
        )
    }

    /// Removes what a run left, once its document is in place.
    static func removeParts(of folder: String) {
        for name in [RunPart.name, SampleSpool.samplesName, SampleSpool.stagesName] {
            unlink("\(folder)/\(name)")
        }
    }
}
